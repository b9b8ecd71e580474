"""Small building blocks that most rendered objects share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from covey_core.manifests import Manifest

WAVE = "argocd.argoproj.io/sync-wave"
SYNC_OPTIONS = "argocd.argoproj.io/sync-options"

# What must exist first comes first; what only the world can make healthy stands together in the last wave, because a
# wave that waits blocks newer commits. A claim that binds at first use and a load balancer are such things.
WAVE_NAMESPACE = "-3"
WAVE_ACCESS = "-2"
WAVE_READY = "-1"
WAVE_LAST = "0"

RUNTIME_DEFAULT: Mapping[str, Any] = {"type": "RuntimeDefault"}


def manifest(
    api_version: str,
    kind: str,
    *,
    name: str,
    namespace: str = "",
    wave: str = WAVE_LAST,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    **body: Any,
) -> Manifest:
    """An object for the hub with our labels and its sync wave; `body` holds its other top-level fields."""
    metadata: dict[str, Any] = {"name": name}
    if namespace:
        metadata["namespace"] = namespace
    metadata["labels"] = {**common_labels(), **(labels or {})}
    metadata["annotations"] = {WAVE: wave, **(annotations or {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **body}


def spoke_manifest(api_version: str, kind: str, *, name: str, namespace: str = "", **body: Any) -> Manifest:
    """An object inside a ManifestWork: Argo CD never sees it, so it has no wave."""
    whole = manifest(api_version, kind, name=name, namespace=namespace, **body)
    annotations = whole["metadata"]["annotations"]
    del annotations[WAVE]
    if not annotations:
        del whole["metadata"]["annotations"]
    return whole


def common_labels() -> dict[str, str]:
    return {"app.kubernetes.io/managed-by": "covey", "app.kubernetes.io/part-of": "covey"}


def replica_set(
    *,
    name: str,
    namespace: str,
    placement: str,
    manifests: Sequence[Manifest],
    orphan: bool,
    labels: Mapping[str, str] | None = None,
) -> Manifest:
    """A ManifestWorkReplicaSet; `orphan` leaves the objects on the spokes when the work goes.

    Defaults inside list items are spelled out: Argo CD's diff compares them.
    """
    return manifest(
        "work.open-cluster-management.io/v1alpha1",
        "ManifestWorkReplicaSet",
        name=name,
        namespace=namespace,
        labels=labels,
        spec={
            "cascadeDeletionPolicy": "Background",
            "placementRefs": [
                {
                    "name": placement,
                    "rolloutStrategy": {
                        "type": "All",
                        "all": {"maxFailures": 0, "minSuccessTime": "0", "progressDeadline": "None"},
                    },
                },
            ],
            "manifestWorkTemplate": {
                "deleteOption": {"propagationPolicy": "Orphan" if orphan else "Foreground"},
                "workload": {"manifests": list(manifests)},
            },
        },
    )

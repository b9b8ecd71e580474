"""A team's namespace on the hub and on its spokes: who may do what, and by default nothing may talk to anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from covey_core import names
from covey_core.render.network import aggregator_policy, collaborator_policy, deny_all
from covey_core.render.objects import (
    WAVE_ACCESS,
    WAVE_NAMESPACE,
    WAVE_READY,
    manifest,
    replica_set,
    spoke_manifest,
)
from covey_core.render.placement import lasting_tolerations, placement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from covey_core.manifests import Manifest
    from covey_core.model.fleet import Fleet, Namespace

_RBAC = "rbac.authorization.k8s.io"
_POD_SECURITY = {
    f"pod-security.kubernetes.io/{mode}{suffix}": value
    for mode in ("enforce", "audit", "warn")
    for suffix, value in (("", "restricted"), ("-version", "latest"))
}


def hub_namespace(name: str) -> Manifest:
    """Never pruned: a namespace that goes takes every job in it along."""
    return manifest(
        "v1",
        "Namespace",
        name=name,
        wave=WAVE_NAMESPACE,
        labels=_POD_SECURITY,
        annotations={"argocd.argoproj.io/sync-options": "Prune=false,Delete=false"},
    )


def namespace_objects(namespace: Namespace, fleet: Fleet) -> tuple[Manifest, ...]:
    """All that a team's namespace needs, but the namespace itself."""
    name = namespace.name
    return (
        _account(names.AGGREGATOR_ACCOUNT, name),
        _role(name),
        _role_binding(name),
        manifest(
            "networking.k8s.io/v1",
            "NetworkPolicy",
            name="covey-default-deny",
            namespace=name,
            wave=WAVE_ACCESS,
            spec=deny_all(),
        ),
        manifest(
            "networking.k8s.io/v1",
            "NetworkPolicy",
            name=names.AGGREGATOR_ACCOUNT,
            namespace=name,
            wave=WAVE_ACCESS,
            spec=aggregator_policy(fleet),
        ),
        *set_bindings(name, namespace.cluster_sets),
        clusters_placement(name, namespace.cluster_sets),
        replica_set(
            name=names.NAMESPACE_WORK,
            namespace=name,
            placement=names.CLUSTERS_PLACEMENT,
            manifests=_spoke_objects(name, fleet),
            orphan=True,
        ),
    )


def set_bindings(namespace: str, cluster_sets: Sequence[str]) -> tuple[Manifest, ...]:
    """A binding must be named after its set, so a namespace has one for each, shared by its jobs."""
    return tuple(
        manifest(
            "cluster.open-cluster-management.io/v1beta2",
            "ManagedClusterSetBinding",
            name=cluster_set,
            namespace=namespace,
            wave=WAVE_READY,
            spec={"clusterSet": cluster_set},
        )
        for cluster_set in cluster_sets
    )


def clusters_placement(namespace: str, cluster_sets: Sequence[str]) -> Manifest:
    """Every cluster of the sets, for what all of them need before any job."""
    return placement(
        names.CLUSTERS_PLACEMENT,
        namespace,
        cluster_sets=cluster_sets,
        tolerations=lasting_tolerations(),
    )


def work_agent_role() -> Manifest:
    """The work agent's right to PodTemplates: Kubernetes' `admin` role, which it has, leaves them out."""
    return spoke_manifest(
        f"{_RBAC}/v1",
        "ClusterRole",
        name="covey-work-pod-templates",
        labels={"open-cluster-management.io/aggregate-to-work": "true"},
        rules=[
            {
                "apiGroups": [""],
                "resources": ["podtemplates"],
                "verbs": ["create", "delete", "get", "list", "patch", "update", "watch"],
            },
        ],
    )


def _spoke_objects(name: str, fleet: Fleet) -> list[Manifest]:
    policies = (("covey-default-deny", deny_all()), (names.COLLABORATOR_ACCOUNT, collaborator_policy(fleet)))
    return [
        spoke_manifest("v1", "Namespace", name=name, labels=_POD_SECURITY),
        spoke_manifest(
            "v1",
            "ServiceAccount",
            name=names.COLLABORATOR_ACCOUNT,
            namespace=name,
            automountServiceAccountToken=False,
        ),
        *(
            spoke_manifest("networking.k8s.io/v1", "NetworkPolicy", name=policy, namespace=name, spec=spec)
            for policy, spec in policies
        ),
    ]


def _account(name: str, namespace: str) -> Manifest:
    return manifest(
        "v1",
        "ServiceAccount",
        name=name,
        namespace=namespace,
        wave=WAVE_ACCESS,
        automountServiceAccountToken=False,
    )


def _role(namespace: str) -> Manifest:
    """What an aggregator's proxy may do: read the roster of runs and report on them."""
    return manifest(
        f"{_RBAC}/v1",
        "Role",
        name=names.AGGREGATOR_ACCOUNT,
        namespace=namespace,
        wave=WAVE_ACCESS,
        rules=[
            {"apiGroups": [names.GROUP], "resources": ["federatedruns"], "verbs": ["get", "list", "watch"]},
            {"apiGroups": [names.GROUP], "resources": ["federatedruns/status"], "verbs": ["patch"]},
        ],
    )


def _role_binding(namespace: str) -> Manifest:
    account: dict[str, Any] = {"kind": "ServiceAccount", "name": names.AGGREGATOR_ACCOUNT, "namespace": namespace}
    return manifest(
        f"{_RBAC}/v1",
        "RoleBinding",
        name=names.AGGREGATOR_ACCOUNT,
        namespace=namespace,
        wave=WAVE_ACCESS,
        roleRef={"apiGroup": _RBAC, "kind": "Role", "name": names.AGGREGATOR_ACCOUNT},
        subjects=[account],
    )

"""Brings a cluster back to how it was, so that no test sees what another has left behind."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from controlplane.rest import Kind, Rest

if TYPE_CHECKING:
    from controlplane.cluster import Cluster

# What controllers write all the time, and what says nothing of a test.
_OWN_LIFE = frozenset(
    {"Lease", "Event", "Endpoints", "EndpointSlice", "CertificateSigningRequest", "IPAddress", "Node"}
)
_FOR_ALL = frozenset({"kube-root-ca.crt", "default", "standard"})
_LAST = ("CustomResourceDefinition", "Namespace")  # they take their objects along, whose finalizers may need them
_SECONDS = 30.0
_PATIENCE = 3.0

State = dict[tuple[Kind, str], dict[str, Any]]


class Baseline:
    """What was there when the plane was ready."""

    def __init__(self, cluster: Cluster) -> None:
        self._rest = Rest(cluster)
        self._name = cluster.name
        self._state = self._look()

    def restore(self) -> None:
        """Deletes what is new, puts back what is gone or was changed; status is its controllers' to mend."""
        end, patient = time.monotonic() + _SECONDS, time.monotonic() + _PATIENCE
        while new := self._new(now := self._look()):
            assert time.monotonic() < end, f"these stay in {self._name}: {[path for _, path in new]}"
            emptied = all(kind.kind == "Namespace" for kind, _ in new)  # nobody need wait for Kubernetes to do it
            for kind, path in sorted(new, key=lambda one: one[0].kind in _LAST):
                self._delete(kind, path, now=emptied or time.monotonic() > patient)
            time.sleep(0.1)
        for (kind, path), was in self._state.items():
            is_ = now.get((kind, path))
            if is_ is None:
                self._rest.ask("POST", kind.collection(was["metadata"]), _fresh(was))
            elif _content(is_) != _content(was):
                self._rest.ask("PUT", path, {**_fresh(was), "metadata": _metadata(was, is_)})

    def close(self) -> None:
        self._rest.close()

    def _look(self) -> State:
        return {
            (kind, kind.of(one["metadata"])): {**one, "kind": kind.kind, "apiVersion": kind.group_version}
            for kind in self._rest.kinds()
            if kind.kind not in _OWN_LIFE
            for one in self._rest.objects(kind)
        }

    def _new(self, now: State) -> list[tuple[Kind, str]]:
        """An object of the same name with another UID counts as the one that was there."""
        return [key for key, one in now.items() if key not in self._state and not _made_for_all(one)]

    def _delete(self, kind: Kind, path: str, *, now: bool) -> None:
        self._rest.ask("DELETE", path, {"propagationPolicy": "Background", "gracePeriodSeconds": 0})
        if now:
            patch = {"metadata": {"finalizers": None}}
            self._rest.ask("PATCH", path, patch, kind="application/merge-patch+json")
            if kind.kind == "Namespace":
                for made_for_all in ("serviceaccounts", "configmaps"):
                    self._rest.ask("DELETE", f"{path}/{made_for_all}")
                _, found = self._rest.ask("GET", path)
                if found and found.get("spec"):
                    self._rest.ask("PUT", f"{path}/finalize", {**found, "spec": {"finalizers": []}})


def _made_for_all(one: dict[str, Any]) -> bool:
    """What Kubernetes puts into every namespace, and nodes into their cluster."""
    metadata = one["metadata"]
    return metadata["name"] in _FOR_ALL and one["kind"] in {"ConfigMap", "ServiceAccount", "StorageClass"}


def _content(one: dict[str, Any]) -> dict[str, Any]:
    kept = ("labels", "annotations", "finalizers", "ownerReferences")
    metadata = {name: one["metadata"].get(name) for name in kept}
    return {**{name: value for name, value in one.items() if name not in {"metadata", "status"}}, "metadata": metadata}


def _fresh(one: dict[str, Any]) -> dict[str, Any]:
    """Without what the server alone may write."""
    own = ("resourceVersion", "uid", "creationTimestamp", "managedFields", "generation", "selfLink")
    metadata = {name: value for name, value in one["metadata"].items() if name not in own}
    return {**one, "metadata": metadata}


def _metadata(was: dict[str, Any], is_: dict[str, Any]) -> dict[str, Any]:
    return {**_fresh(was)["metadata"], "resourceVersion": is_["metadata"]["resourceVersion"]}

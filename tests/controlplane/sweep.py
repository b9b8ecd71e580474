"""Brings a cluster back to how it was, so that no test sees what another has left behind."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from controlplane.rest import METADATA, Kind, Rest
from controlplane.store import Store, resource_names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from controlplane.cluster import Cluster

# What controllers write all the time, and what says nothing of a test.
_OWN_LIFE = frozenset({"Lease", "Event", "Endpoints", "EndpointSlice", "CertificateSigningRequest", "IPAddress"})
_OWN_KEYS = (
    "leases/",
    "events/",
    "services/endpoints/",
    "endpointslices/",
    "certificatesigningrequests/",
    "ipaddresses/",
    "ranges/",
    "masterleases/",
    "peerserverleases/",
)
# The API server makes these by itself, a minute after its start where it was busy then.
_THE_SERVERS = frozenset(
    {("Namespace", name) for name in ("kube-system", "kube-public", "kube-node-lease")} | {("Service", "kubernetes")}
)
_FOR_ALL = frozenset({"kube-root-ca.crt", "default", "standard"})
_LAST = ("CustomResourceDefinition", "Namespace")  # they take their objects along, whose finalizers may need them
_SECONDS = 30.0
_OK = 200
_PATIENCE = 3.0

Key = tuple[Kind, str]
Value = dict[str, Any]


def restore_all(baselines: Iterable[Baseline]) -> None:
    """Of all clusters of a plane at once."""
    with ThreadPoolExecutor() as threads:
        list(threads.map(Baseline.restore, baselines))


class Baseline:
    """What was there when the plane was ready."""

    def __init__(self, cluster: Cluster) -> None:
        self._rest, self._store = Rest(cluster), Store(cluster)
        self._name = cluster.name
        self._revisions = self._store.revisions()
        self._state = {
            (kind, kind.of(one["metadata"])): {**one, "kind": kind.kind, "apiVersion": kind.group_version}
            for kind in self._kinds()
            for one in self._rest.objects(kind)
        }
        self._versions = {key: one["metadata"]["resourceVersion"] for key, one in self._state.items()}

    def restore(self) -> None:
        """Deletes what is new, puts back what is gone or was changed; status is its controllers' to mend."""
        end, patient = time.monotonic() + _SECONDS, time.monotonic() + _PATIENCE
        while new := self._new(now := self._look(touched := self._touched(at := self._store.revisions()))):
            assert time.monotonic() < end, f"these stay in {self._name}: {[path for _, path in new]}"
            emptied = all(kind.kind == "Namespace" for kind, _ in new)
            for kind, path in sorted(new, key=lambda one: one[0].kind in _LAST):
                if kind.kind == "Namespace":
                    self._delete_namespace(path, emptied=emptied, now=time.monotonic() > patient)
                else:
                    self._delete(path, now=time.monotonic() > patient)
            time.sleep(0.1)
        while changed := self._changed(now, touched):
            assert time.monotonic() < end, f"these stay changed in {self._name}: {[path for (_, path), _ in changed]}"
            for key, there in sorted(changed, key=lambda one: one[0][0].kind != "Namespace"):
                self._put_back(key, there)
            now = self._look(touched := self._touched(at := self._store.revisions()))
        self._revisions = at

    def close(self) -> None:
        self._rest.close()
        self._store.close()

    def _kinds(self) -> Iterator[Kind]:
        return (kind for kind in self._rest.kinds() if kind.kind not in _OWN_LIFE)

    def _touched(self, revisions: dict[str, int]) -> frozenset[Kind]:
        """The kinds of whatever was written or deleted since; all kinds where a key tells nothing."""
        written = revisions.items() ^ self._revisions.items()
        keys = {key for key, _ in written if not key.startswith(_OWN_KEYS)}
        if not keys:
            return frozenset()
        kinds, plurals = frozenset(self._kinds()), [resource_names(key) for key in keys]
        known = {kind.plural for kind in kinds}
        if not all(known & names for names in plurals):
            return kinds
        return frozenset(kind for kind in kinds if any(kind.plural in names for names in plurals))

    def _look(self, kinds: Iterable[Kind]) -> dict[Key, Value]:
        """The metadata of all that is there of these kinds."""
        return {
            (kind, kind.of(one["metadata"])): one["metadata"]
            for kind in kinds
            for one in self._rest.objects(kind, accept=METADATA)
        }

    def _changed(self, now: dict[Key, Value], kinds: Collection[Kind]) -> list[tuple[Key, Value | None]]:
        """With what is there of each instead, if anything; no controller is minded that writes the same again."""
        found: list[tuple[Key, Value | None]] = []
        for key, was in self._state.items():
            if key[0] not in kinds:
                continue
            there = now.get(key)
            if there is None:
                found.append((key, None))
            elif there["resourceVersion"] != self._versions[key]:
                status, is_ = self._rest.ask("GET", key[1])
                if status != _OK:
                    found.append((key, None))
                elif _content(is_) != _content({**was, "kind": is_["kind"], "apiVersion": is_["apiVersion"]}):
                    found.append((key, is_))
                else:
                    self._versions[key] = is_["metadata"]["resourceVersion"]
        return found

    def _put_back(self, key: Key, there: Value | None) -> None:
        """What is refused, as when somebody else was quicker, is found by the next look."""
        (kind, path), was = key, self._state[key]
        if there is None:
            self._rest.ask("POST", kind.collection(was["metadata"]), _fresh(was))
        else:
            self._rest.ask("PUT", path, {**_fresh(was), "metadata": _metadata(was, there)})

    def _new(self, now: dict[Key, Value]) -> list[Key]:
        """An object of the same name with another UID counts as the one that was there, unless it is going away."""
        return [
            key
            for key, metadata in now.items()
            if not _made_for_all(key[0], metadata) and (key not in self._state or "deletionTimestamp" in metadata)
        ]

    def _delete(self, path: str, *, now: bool) -> None:
        self._rest.ask("DELETE", path, {"propagationPolicy": "Background", "gracePeriodSeconds": 0})
        if now:
            patch = {"metadata": {"finalizers": None}}
            self._rest.ask("PATCH", path, patch, kind="application/merge-patch+json")

    def _delete_namespace(self, path: str, *, emptied: bool, now: bool) -> None:
        """Without Kubernetes emptying it: that goes by name, so it takes what the next one of this name has, too."""
        status, found = self._rest.ask("GET", path)
        if status != _OK:
            return
        ending = "deletionTimestamp" in found["metadata"]
        if found["spec"].get("finalizers"):
            if ending:
                return  # a test has deleted it, so Kubernetes is at it
            status, _ = self._rest.ask("PUT", f"{path}/finalize", {**found, "spec": {"finalizers": []}})
            if status != _OK:
                return  # somebody has changed it meanwhile
        if not ending:
            self._delete(path, now=now)
        if emptied:
            for made_for_all in ("serviceaccounts", "configmaps"):
                self._rest.ask("DELETE", f"{path}/{made_for_all}")
            self._delete(path, now=now)


def _made_for_all(kind: Kind, metadata: Value) -> bool:
    """What Kubernetes puts into every namespace, nodes into their cluster, and servers make for themselves."""
    if (kind.kind, metadata["name"]) in _THE_SERVERS:
        return True
    if kind.kind == "ServiceAccount" and metadata["namespace"] == "kube-system":
        return True
    return metadata["name"] in _FOR_ALL and kind.kind in {"ConfigMap", "ServiceAccount", "StorageClass"}


def _content(one: Value) -> Value:
    kept = ("labels", "annotations", "finalizers", "ownerReferences")
    metadata = {name: one["metadata"].get(name) for name in kept}
    others = {name: value for name, value in one.items() if name not in {"metadata", "status"}}
    if one.get("aggregationRule"):
        others.pop("rules", None)  # a controller's
    return {**others, "metadata": metadata}


def _fresh(one: Value) -> Value:
    """Without what the server alone may write."""
    own = ("resourceVersion", "uid", "creationTimestamp", "managedFields", "generation", "selfLink")
    metadata = {name: value for name, value in one["metadata"].items() if name not in own}
    return {**one, "metadata": metadata}


def _metadata(was: Value, is_: Value) -> Value:
    return {**_fresh(was)["metadata"], "resourceVersion": is_["metadata"]["resourceVersion"]}

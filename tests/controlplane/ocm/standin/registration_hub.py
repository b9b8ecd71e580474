"""OCM's registration on the hub: accepts clusters, gives them rights, and notices which of them are lost."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from controlplane.ocm.api import Refused
from controlplane.ocm.kinds import (
    ADDON,
    CLUSTER,
    CLUSTER_ROLE_BINDING,
    CLUSTERS,
    LEASE,
    NAMESPACE,
    OCM,
    ROLE,
    ROLE_BINDING,
    WORK,
)
from controlplane.ocm.standin import registration_rbac as rbac
from controlplane.ocm.standin import work_conditions as conditions
from controlplane.ocm.standin.loop import Loop, each

if TYPE_CHECKING:
    from controlplane.ocm.api import Object
    from controlplane.ocm.standin.loop import Mirror
    from controlplane.rest import Kind

_ACCEPTED_ON = f"{OCM}/automatically-accepted-on"
_FINALIZERS = [f"{CLUSTERS}/resource-cleanup", f"{CLUSTERS}/api-resource-cleanup"]
_LEASE = "managed-cluster-lease"
_AVAILABLE, _ACCEPTED = "ManagedClusterConditionAvailable", "HubAcceptedManagedCluster"
_TIMES, _DURATION = 5, 60
_TAINTS = {"Unknown": f"{CLUSTERS}/unreachable", "False": f"{CLUSTERS}/unavailable"}


class Registration:
    """Accepts every cluster the first time that it is seen, as with the gate ManagedClusterAutoApproval."""

    def __init__(self, mirror: Mirror) -> None:
        self._api = mirror.api
        self._clusters, self._works, self._addons = mirror.of(CLUSTER), mirror.of(WORK), mirror.of(ADDON)
        self._leases = mirror.of(LEASE, labels=rbac.LABEL)
        kinds = (ROLE, CLUSTER_ROLE_BINDING, ROLE_BINDING)
        self._rbac = {kind: mirror.of(kind, labels=rbac.LABEL) for kind in kinds}
        self._namespaces = mirror.of(NAMESPACE)
        everything = (self._clusters, self._works, self._addons, self._namespaces, *self._rbac.values())
        self.loops = [
            Loop("clusters", self.accept, *everything),
            Loop("leases", self.look_at_leases, self._clusters, self._leases),
            Loop("taints", self.taint, self._clusters),
        ]

    def accept(self) -> None:
        clusters = self._clusters.all()
        for wanted in rbac.of_all() if clusters else []:
            self._want(*wanted)
        each(clusters, self._accept)

    def _accept(self, cluster: Object) -> None:
        if cluster["metadata"].get("deletionTimestamp"):
            self._let_go(cluster)
        elif _ACCEPTED_ON not in cluster["metadata"].get("annotations", {}):
            change = {"metadata": {"annotations": {_ACCEPTED_ON: conditions.now()}}}
            self._api.patch(CLUSTER, cluster["metadata"]["name"], change | {"spec": {"hubAcceptsClient": True}})
        elif cluster["spec"].get("hubAcceptsClient"):
            self._admit(cluster)
        elif conditions.is_true(conditions.of(cluster), _ACCEPTED):
            self._deny(cluster)

    def look_at_leases(self) -> float | None:
        """Seconds until the next lease runs out."""
        accepted = [one for one in self._clusters.all() if conditions.find(conditions.of(one), _ACCEPTED)]
        return min((wait for wait in each(accepted, self._look_at_lease) if wait is not None), default=None)

    def taint(self) -> None:
        each(self._clusters.all(), self._taint)

    def _taint(self, cluster: Object) -> None:
        if cluster["metadata"].get("deletionTimestamp"):
            return
        available = conditions.find(conditions.of(cluster), _AVAILABLE)
        key = _TAINTS.get(available["status"] if available else "Unknown")
        taints = cluster["spec"].get("taints", [])
        kept = [one for one in taints if one["key"] not in _TAINTS.values() or one["key"] == key]
        if key and all(one["key"] != key for one in kept):
            kept = [*kept, {"key": key, "effect": "NoSelect"}]
        if kept != taints:
            self._api.patch(CLUSTER, cluster["metadata"]["name"], {"spec": {"taints": kept or None}})

    def _admit(self, cluster: Object) -> None:
        name = cluster["metadata"]["name"]
        self._name_space(name)
        if missing := [one for one in _FINALIZERS if one not in cluster["metadata"].get("finalizers", [])]:
            finalizers = [*cluster["metadata"].get("finalizers", []), *missing]
            version = cluster["metadata"]["resourceVersion"]
            self._api.patch(CLUSTER, name, {"metadata": {"finalizers": finalizers, "resourceVersion": version}})
        for wanted in (*rbac.of_cluster(name, accepted=True), *rbac.in_namespace(name)):
            self._want(*wanted)
        self._say(cluster, _ACCEPTED, "True", "HubClusterAdminAccepted", "Accepted by hub cluster admin")

    def _deny(self, cluster: Object) -> None:
        name = cluster["metadata"]["name"]
        for wanted in rbac.of_cluster(name, accepted=False):
            self._want(*wanted)
        self._unbind(name)
        self._say(cluster, _ACCEPTED, "False", "HubClusterAdminDenied", "Denied by hub cluster admin")

    def _let_go(self, cluster: Object) -> None:
        """First what was made for the cluster, then the cluster."""
        name = cluster["metadata"]["name"]
        left = [(kind, one) for kind, kept in ((ADDON, self._addons), (WORK, self._works)) for one in kept.all(name)]
        for kind, one in left:
            if not one["metadata"].get("deletionTimestamp"):
                self._api.delete(kind, one["metadata"]["name"], name)
        for kind, one in rbac.of_cluster(name, accepted=True):
            if self._rbac[kind].get(one["metadata"]["name"]):
                self._api.delete(kind, one["metadata"]["name"])
        bound = self._unbind(name)
        finalizers = [one for one in cluster["metadata"].get("finalizers", []) if one not in _FINALIZERS]
        if not left and not bound and finalizers != cluster["metadata"].get("finalizers", []):
            self._api.patch(CLUSTER, name, {"metadata": {"finalizers": finalizers}})

    def _unbind(self, name: str) -> bool:
        """Whether some of it is still to be done."""
        wanted = [(kind, self._rbac[kind].get(one["metadata"]["name"], name)) for kind, one in rbac.in_namespace(name)]
        for kind, one in wanted:
            if one and not one["metadata"].get("deletionTimestamp"):
                self._api.delete(kind, one["metadata"]["name"], name)
            elif one and one["metadata"].get("finalizers") and not self._works.all(name):
                self._api.patch(kind, one["metadata"]["name"], {"metadata": {"finalizers": None}}, namespace=name)
        return any(one for _, one in wanted)

    def _look_at_lease(self, cluster: Object) -> float | None:
        name = cluster["metadata"]["name"]
        lease = self._leases.get(_LEASE, name)
        if lease is None:
            return self._make_lease(name)
        grace = timedelta(seconds=_TIMES * (cluster["spec"].get("leaseDurationSeconds") or _DURATION))
        left = (datetime.fromisoformat(lease["spec"]["renewTime"]) + grace - datetime.now(UTC)).total_seconds()
        if left > 0:
            said = ("ManagedClusterClockSynced", "The clock of the managed cluster is synced with the hub.")
            self._say(cluster, "ManagedClusterConditionClockSynced", "True", *said)
            return left + 0.01
        available = conditions.find(conditions.of(cluster), _AVAILABLE)
        if available is None or available["status"] != "Unknown":
            message = "Registration agent stopped updating its lease."
            self._say(cluster, _AVAILABLE, "Unknown", "ManagedClusterLeaseUpdateStopped", message)
        return None

    def _make_lease(self, name: str) -> float | None:
        metadata = {"name": _LEASE, "namespace": name, "labels": {rbac.LABEL: name}}
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        try:
            self._api.create(LEASE, {"metadata": metadata, "spec": {"holderIdentity": _LEASE, "renewTime": now}})
        except Refused as refused:
            if refused.reason != "AlreadyExists" and refused.code != 404:
                raise
        return 0.5

    def _name_space(self, name: str) -> None:
        namespace = self._namespaces.get(name)
        labels = {rbac.LABEL: name}
        if namespace is None:
            self._api.create(NAMESPACE, {"metadata": {"name": name, "labels": labels}})
        elif namespace["metadata"].get("labels", {}).get(rbac.LABEL) != name:
            self._api.patch(NAMESPACE, name, {"metadata": {"labels": labels}})

    def _want(self, kind: Kind, wanted: Object) -> None:
        metadata = wanted["metadata"]
        if rbac.differs(self._rbac[kind].get(metadata["name"], metadata.get("namespace", "")), wanted):
            self._api.apply(kind, wanted)

    def _say(self, cluster: Object, kind: str, status: str, reason: str, message: str) -> None:
        known = copy.deepcopy(conditions.of(cluster))
        conditions.put(known, conditions.condition(kind, status, reason, message))
        if known != conditions.of(cluster):
            change = {"metadata": {"resourceVersion": cluster["metadata"]["resourceVersion"]}}
            self._api.patch(
                CLUSTER, cluster["metadata"]["name"], change | {"status": {"conditions": known}}, part="status"
            )

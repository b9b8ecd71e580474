"""When a spoke counts as joined, and a hub as ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controlplane.ocm.api import Api
from controlplane.ocm.kinds import CLUSTER, CLUSTER_SET
from controlplane.processes import wait

if TYPE_CHECKING:
    from controlplane.plane import Plane

_NEEDED = ("HubAcceptedManagedCluster", "ManagedClusterJoined", "ManagedClusterConditionAvailable")
_FINALIZERS = 2
_LOST = "cluster.open-cluster-management.io/unreachable"


def wait_available(plane: Plane, name: str) -> None:
    """Accepted, joined, available, and without the taint of a lost cluster."""
    api = Api(plane.hub.admin, manager="covey-tests")

    def is_there() -> bool:
        cluster = api.get(CLUSTER, name) or {}
        conditions = {one["type"]: one["status"] for one in cluster.get("status", {}).get("conditions", [])}
        taints = {one["key"] for one in cluster.get("spec", {}).get("taints", [])}
        return all(conditions.get(one) == "True" for one in _NEEDED) and _LOST not in taints

    wait(is_there, f"the cluster {name} on the hub", servers=plane.servers)
    api.close()


def wait_settled(plane: Plane) -> None:
    """Until all is there that OCM makes by itself, once."""
    api = Api(plane.hub.admin, manager="covey-tests")

    def is_there() -> bool:
        sets = {one["metadata"]["name"] for one in api.list(CLUSTER_SET)}
        finalizers = [len(one["metadata"].get("finalizers", [])) for one in api.list(CLUSTER)]
        return sets >= {"default", "global"} and min(finalizers) == _FINALIZERS

    wait(is_there, "what OCM makes by itself", servers=plane.servers)
    api.close()

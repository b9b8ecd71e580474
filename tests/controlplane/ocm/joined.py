"""When a spoke counts as joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controlplane.ocm.standin.api import Api
from controlplane.ocm.standin.kinds import CLUSTER
from controlplane.processes import wait

if TYPE_CHECKING:
    from controlplane.plane import Plane

_NEEDED = ("HubAcceptedManagedCluster", "ManagedClusterJoined", "ManagedClusterConditionAvailable")
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

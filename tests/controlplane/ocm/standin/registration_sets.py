"""OCM's cluster sets: the two that it always has, how many clusters each selects, and whether bindings are bound."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from controlplane.ocm.kinds import BINDING, CLUSTER, CLUSTER_SET
from controlplane.ocm.standin import work_conditions as conditions
from controlplane.ocm.standin.loop import Loop
from covey_core.placement import World

if TYPE_CHECKING:
    from controlplane.ocm.api import Object
    from controlplane.ocm.standin.loop import Mirror
    from controlplane.rest import Kind

_ALWAYS = {
    "default": {"selectorType": "ExclusiveClusterSetLabel"},
    "global": {"selectorType": "LabelSelector", "labelSelector": {}},
}


class Sets:
    def __init__(self, mirror: Mirror) -> None:
        self._api = mirror.api
        self._clusters, self._sets, self._bindings = (mirror.of(kind) for kind in (CLUSTER, CLUSTER_SET, BINDING))
        self.loops = [Loop("cluster sets", self.act, self._clusters, self._sets, self._bindings)]

    def act(self) -> None:
        for name, selector in _ALWAYS.items():
            if self._sets.get(name) is None:
                self._api.create(CLUSTER_SET, {"metadata": {"name": name}, "spec": {"clusterSelector": selector}})
        world = World.of([*self._clusters.all(), *self._sets.all()])
        for one in self._sets.all():
            selector = world.sets[one["metadata"]["name"]].selector
            count = sum(bool(selector) and not selector.missing(cluster.labels) for cluster in world.clusters.values())
            message = f"{count} ManagedClusters selected" if count else "No ManagedCluster selected"
            reason = "ClustersSelected" if count else "NoClusterMatched"
            self._say(CLUSTER_SET, one, conditions.condition("ClusterSetEmpty", not count, reason, message))
        for one in self._bindings.all():
            bound = self._sets.get(one["spec"]["clusterSet"]) is not None
            reason = "ClusterSetBound" if bound else "ClusterSetNotFound"
            self._say(BINDING, one, conditions.condition("Bound", bound, reason))

    def _say(self, kind: Kind, one: Object, condition: Object) -> None:
        known = copy.deepcopy(conditions.of(one))
        conditions.put(known, condition)
        if known != conditions.of(one):
            metadata = one["metadata"]
            change = {"status": {"conditions": known}}
            self._api.patch(kind, metadata["name"], change, namespace=metadata.get("namespace", ""), part="status")

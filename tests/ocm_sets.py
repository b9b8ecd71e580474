"""A team's namespace on a hub, with replica sets for the clusters that a label chooses."""

from __future__ import annotations

from controlplane.ocm.kinds import BINDING, CLUSTER, NAMESPACE, PLACEMENT, REPLICA_SET, WORK
from ocm_works import config_map
from waiting import until

OWNER = "work.open-cluster-management.io/manifestworkreplicaset"
PLACED_BY = "work.open-cluster-management.io/placementname"
CHOSEN = {"covey.dev/chosen": "yes"}
ALL = {"type": "All", "all": {"maxFailures": 0, "minSuccessTime": "0", "progressDeadline": "None"}}


class Sets:
    """Of the namespace `fl`."""

    namespace = "fl"

    def __init__(self, hub):
        self.hub = hub
        hub.create(NAMESPACE, {"metadata": {"name": self.namespace}})
        metadata = {"name": "default", "namespace": self.namespace}
        hub.create(BINDING, {"metadata": metadata, "spec": {"clusterSet": "default"}})
        self.place("chosen", CHOSEN)

    def place(self, name, labels):
        selector = {"requiredClusterSelector": {"labelSelector": {"matchLabels": labels}}}
        metadata = {"name": name, "namespace": self.namespace}
        self.hub.create(PLACEMENT, {"metadata": metadata, "spec": {"predicates": [selector]}})

    def choose(self, cluster, labels=CHOSEN):
        self.hub.patch(CLUSTER, cluster, {"metadata": {"labels": labels}})

    def leave(self, cluster):
        self.choose(cluster, dict.fromkeys(CHOSEN))

    def create(
        self, name, *manifests, placements=("chosen",), rollout=ALL, labels=None, policy="Background", **template
    ):
        metadata = {"name": name, "namespace": self.namespace} | ({"labels": labels} if labels else {})
        refs = [{"name": placement, "rolloutStrategy": rollout} for placement in placements]
        whole = {"workload": {"manifests": list(manifests or [config_map("plan")])}, **template}
        spec = {"placementRefs": refs, "manifestWorkTemplate": whole, "cascadeDeletionPolicy": policy}
        return self.hub.create(REPLICA_SET, {"metadata": metadata, "spec": spec})

    def change(self, name, **spec):
        return self.hub.patch(REPLICA_SET, name, {"spec": spec}, namespace=self.namespace)

    def delete(self, name):
        self.hub.delete(REPLICA_SET, name, self.namespace)

    def clear(self):
        """Before its namespace goes: OCM can't finish a set that has none."""
        for one in self.hub.list(REPLICA_SET, self.namespace):
            self.delete(one["metadata"]["name"])
        until(lambda: not self.hub.list(REPLICA_SET, self.namespace))
        until(lambda: not self.hub.list(WORK))

    def status(self, name):
        return (self.hub.get(REPLICA_SET, name, self.namespace) or {}).get("status", {})

    def condition(self, name, kind):
        found = [one for one in self.status(name).get("conditions", []) if one["type"] == kind]
        return (found[0]["status"], found[0]["reason"]) if found else None

    def works(self, name):
        """By cluster."""
        found = [
            one
            for one in self.hub.list(WORK)
            if one["metadata"].get("labels", {}).get(OWNER) == f"{self.namespace}.{name}"
        ]
        assert len({one["metadata"]["namespace"] for one in found}) == len(found)
        return {one["metadata"]["namespace"]: one for one in found}

    def wait_on(self, name, *clusters):
        until(lambda: set(self.works(name)) == set(clusters), told=lambda: list(self.works(name)))
        return self.works(name)

    def wait_for(self, name, kind, said):
        until(lambda: self.condition(name, kind) == said, told=lambda: self.status(name))

"""Replica sets: one work for each cluster that a Placement names, and what the set says of them."""

from __future__ import annotations

import pytest

from controlplane.ocm.standin.kinds import BINDING, CLUSTER, NAMESPACE, PLACEMENT, REPLICA_SET, WORK
from ocm_hub import eventually, steadily
from ocm_works import CONFIG_MAP, SITE, config, config_map

pytestmark = pytest.mark.ocm

_OWNER = "work.open-cluster-management.io/manifestworkreplicaset"
_PLACED_BY = "work.open-cluster-management.io/placementname"
_CHOSEN = {"covey.dev/chosen": "yes"}
_ALL = {"type": "All", "all": {"maxFailures": 0, "minSuccessTime": "0", "progressDeadline": "None"}}


class Sets:
    """A team's namespace on the hub; a cluster is chosen by a label."""

    namespace = "fl"

    def __init__(self, hub):
        self.hub = hub
        hub.create(NAMESPACE, {"metadata": {"name": self.namespace}})
        metadata = {"name": "default", "namespace": self.namespace}
        hub.create(BINDING, {"metadata": metadata, "spec": {"clusterSet": "default"}})
        self.place("chosen", _CHOSEN)

    def place(self, name, labels):
        selector = {"requiredClusterSelector": {"labelSelector": {"matchLabels": labels}}}
        metadata = {"name": name, "namespace": self.namespace}
        self.hub.create(PLACEMENT, {"metadata": metadata, "spec": {"predicates": [selector]}})

    def choose(self, cluster, labels=_CHOSEN):
        self.hub.patch(CLUSTER, cluster, {"metadata": {"labels": labels}})

    def leave(self, cluster):
        self.choose(cluster, dict.fromkeys(_CHOSEN))

    def create(
        self, name, *manifests, placements=("chosen",), rollout=_ALL, labels=None, policy="Background", **template
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
        eventually(lambda: not self.hub.list(REPLICA_SET, self.namespace))
        eventually(lambda: not self.hub.list(WORK))

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
            if one["metadata"].get("labels", {}).get(_OWNER) == f"{self.namespace}.{name}"
        ]
        assert len({one["metadata"]["namespace"] for one in found}) == len(found)
        return {one["metadata"]["namespace"]: one for one in found}

    def wait_on(self, name, *clusters):
        eventually(lambda: set(self.works(name)) == set(clusters), lambda: list(self.works(name)))
        return self.works(name)

    def wait_for(self, name, kind, said):
        eventually(lambda: self.condition(name, kind) == said, lambda: self.status(name))


@pytest.fixture
def sets(hub):
    made = Sets(hub)
    yield made
    made.clear()


def test_every_chosen_cluster_gets_a_work_named_after_the_set(sets):
    sets.choose("cluster1")
    sets.choose("cluster2")

    sets.create("digits", labels={"covey.dev/job": "digits"})

    for cluster, work in sets.wait_on("digits", "cluster1", "cluster2").items():
        name = work["metadata"]["name"]
        assert (name[:6], len(name)) == ("digits", 11), cluster
        assert work["metadata"]["labels"] == {"covey.dev/job": "digits", _OWNER: "fl.digits", _PLACED_BY: "chosen"}
        assert work["spec"]["workload"] == {"manifests": [config_map("plan")]}


def test_a_set_says_when_all_is_applied(sets, works):
    sets.choose("cluster1")
    sets.choose("cluster2")

    sets.create("digits")

    sets.wait_for("digits", "ManifestworkApplied", ("True", "AsExpected"))
    assert sets.condition("digits", "PlacementVerified") == ("True", "AsExpected")
    eventually(lambda: sets.status("digits")["summary"] == {"applied": 2, "available": 2, "total": 2})
    (said,) = sets.status("digits")["placementSummary"]
    assert (said["name"], said["availableDecisionGroups"]) == ("chosen", "1 (2 / 2 clusters applied)")
    assert {name: said["summary"][name] for name in ("applied", "available", "total")} == {
        "applied": 2,
        "available": 2,
        "total": 2,
    }
    assert works.spoke.get(CONFIG_MAP, "plan", SITE)


def test_without_a_rule_for_progressing_a_set_never_counts_as_rolled_out(sets):
    sets.choose("cluster1")

    sets.create("digits")

    sets.wait_for("digits", "ManifestworkApplied", ("True", "AsExpected"))
    assert sets.condition("digits", "PlacementRolledOut") == ("False", "Progressing")


def test_with_a_rule_that_says_done_it_does(sets):
    sets.choose("cluster1")
    made = config_map("plan")
    rule = {"type": "CEL", "condition": "Progressing", "celExpressions": ["object.data.v == 'on'"]}

    sets.create("digits", made, manifestConfigs=[config(made, "configmaps", conditionRules=[rule])])

    sets.wait_for("digits", "PlacementRolledOut", ("True", "Complete"))


def test_a_cluster_that_joins_gets_its_work_and_one_that_leaves_loses_it(sets, works):
    sets.choose("cluster1")
    sets.create("digits")
    sets.wait_on("digits", "cluster1")
    eventually(lambda: works.spoke.get(CONFIG_MAP, "plan", SITE))

    sets.choose("cluster2")
    sets.wait_on("digits", "cluster1", "cluster2")
    sets.leave("cluster1")

    sets.wait_on("digits", "cluster2")
    eventually(lambda: works.spoke.get(CONFIG_MAP, "plan", SITE) is None)
    eventually(lambda: sets.status("digits")["summary"].get("total") == 1)


def test_a_changed_template_changes_the_works_in_place(sets, works):
    sets.choose("cluster1")
    sets.create("digits", config_map("plan", {"v": "1"}))
    before = sets.wait_on("digits", "cluster1")["cluster1"]["metadata"]["name"]

    sets.change("digits", manifestWorkTemplate={"workload": {"manifests": [config_map("plan", {"v": "2"})]}})

    eventually(lambda: (works.spoke.get(CONFIG_MAP, "plan", SITE) or {}).get("data") == {"v": "2"})
    assert sets.works("digits")["cluster1"]["metadata"]["name"] == before


def test_a_work_that_somebody_deletes_or_edits_comes_back(sets):
    sets.choose("cluster1")
    sets.create("digits")
    first = sets.wait_on("digits", "cluster1")["cluster1"]["metadata"]

    sets.hub.delete(WORK, first["name"], "cluster1")
    second = eventually(lambda: _other(sets, first["uid"]))["metadata"]
    edit = {"spec": {"workload": {"manifests": [config_map("other")]}}}
    sets.hub.patch(WORK, second["name"], edit, namespace="cluster1")

    eventually(lambda: sets.works("digits")["cluster1"]["spec"]["workload"]["manifests"] == [config_map("plan")])


def test_no_chosen_cluster_is_said(sets):
    sets.create("digits")

    sets.wait_for("digits", "PlacementVerified", ("False", "PlacementDecisionEmpty"))
    sets.wait_for("digits", "ManifestworkApplied", ("False", "PlacementDecisionEmpty"))
    assert sets.works("digits") == {}


def test_a_missing_placement_is_said_and_waited_for(sets):
    sets.choose("cluster1")
    sets.create("digits", placements=("later",))
    sets.wait_for("digits", "PlacementVerified", ("False", "PlacementDecisionNotFound"))

    sets.place("later", _CHOSEN)

    sets.wait_on("digits", "cluster1")
    sets.wait_for("digits", "PlacementVerified", ("True", "AsExpected"))


def test_a_failing_manifest_shows_in_the_summary(sets):
    sets.choose("cluster1")

    sets.create("digits", config_map("plan"), config_map("lost", namespace="does-not-exist"))

    sets.wait_for("digits", "ManifestworkApplied", ("False", "NotAsExpected"))
    eventually(lambda: sets.status("digits")["summary"] == {"total": 1})


def test_works_that_the_hub_refuses_look_like_no_clusters_at_all(sets):
    sets.choose("cluster1")
    half = {"v": "-" * 300 * 1024}

    sets.create("big", config_map("one", half), config_map("two", half))

    sets.wait_for("big", "PlacementVerified", ("False", "PlacementDecisionEmpty"))
    eventually(
        lambda: sets.status("big")["placementSummary"][0]["availableDecisionGroups"] == "1 (0 / 1 clusters applied)"
    )
    assert sets.works("big") == {}


def test_a_set_that_goes_takes_its_works_along(sets, works):
    sets.choose("cluster1")
    sets.create("digits")
    sets.wait_for("digits", "ManifestworkApplied", ("True", "AsExpected"))

    sets.delete("digits")

    eventually(lambda: sets.hub.get(REPLICA_SET, "digits", "fl") is None)
    sets.wait_on("digits")
    eventually(lambda: works.spoke.get(CONFIG_MAP, "plan", SITE) is None)


def test_a_foreground_set_waits_for_its_works(sets, works):
    sets.choose("cluster1")
    sets.create("digits", policy="Foreground")
    eventually(lambda: works.spoke.get(CONFIG_MAP, "plan", SITE))
    works.spoke.patch(CONFIG_MAP, "plan", {"metadata": {"finalizers": ["example.invalid/wait"]}}, namespace=SITE)

    sets.delete("digits")

    eventually(lambda: "deletionTimestamp" in works.spoke.get(CONFIG_MAP, "plan", SITE)["metadata"])
    assert sets.hub.get(REPLICA_SET, "digits", "fl")
    works.spoke.patch(CONFIG_MAP, "plan", {"metadata": {"finalizers": None}}, namespace=SITE)
    eventually(lambda: sets.hub.get(REPLICA_SET, "digits", "fl") is None)


def test_orphans_stay_on_a_cluster_that_leaves(sets, works):
    sets.choose("cluster1")
    sets.create("digits", deleteOption={"propagationPolicy": "Orphan"})
    sets.wait_for("digits", "ManifestworkApplied", ("True", "AsExpected"))

    sets.leave("cluster1")

    sets.wait_on("digits")
    assert works.spoke.get(CONFIG_MAP, "plan", SITE)


def test_a_placement_that_leaves_the_set_takes_its_works_along(sets):
    sets.choose("cluster1")
    sets.place("second", {"covey.dev/second": "yes"})
    sets.choose("cluster2", {"covey.dev/second": "yes"})
    sets.create("digits", placements=("chosen", "second"))
    works = sets.wait_on("digits", "cluster1", "cluster2")
    assert works["cluster2"]["metadata"]["labels"][_PLACED_BY] == "second"

    sets.change("digits", placementRefs=[{"name": "chosen", "rolloutStrategy": _ALL}])

    sets.wait_on("digits", "cluster1")
    sets.choose("cluster2", {"covey.dev/second": None})


def test_a_name_too_long_for_a_label_is_refused_by_the_set_which_then_never_ends(sets):
    sets.choose("cluster1")
    name = "d" * 61

    sets.create(name)

    sets.wait_for(name, "ManifestworkApplied", ("False", "InvalidManifestWorkName"))
    assert sets.hub.list(WORK, "cluster1") == []
    sets.delete(name)
    steadily(lambda: sets.hub.get(REPLICA_SET, name, "fl"), seconds=1)  # OCM asks for its works by that label
    sets.hub.patch(REPLICA_SET, name, {"metadata": {"finalizers": None}}, namespace="fl")


def test_a_set_with_a_dot_in_its_name_hears_nothing_of_its_works(sets, works):
    sets.choose("cluster1")
    for name in ("digits.1", "plain"):
        sets.create(name)
        sets.wait_on(name, "cluster1")
    eventually(lambda: works.spoke.get(CONFIG_MAP, "plan", SITE))
    touch = {"metadata": {"annotations": {"touched": "yes"}}}  # so that OCM looks at its works once more
    eventually(lambda: "applied" in sets.status("plain").get("summary", {}))
    sets.hub.patch(REPLICA_SET, "digits.1", touch, namespace="fl")
    sets.wait_for("digits.1", "ManifestworkApplied", ("True", "AsExpected"))
    sets.wait_for("plain", "ManifestworkApplied", ("True", "AsExpected"))

    works.spoke.delete(CONFIG_MAP, "plan", SITE)

    sets.wait_for("plain", "ManifestworkApplied", ("False", "NotAsExpected"))
    assert sets.condition("digits.1", "ManifestworkApplied") == ("True", "AsExpected")


def test_progressive_rollout_stops_at_its_first_clusters_without_rules(sets):
    sets.choose("cluster1")
    sets.choose("cluster2")
    rollout = {"type": "Progressive", "progressive": {"maxConcurrency": 1}}

    sets.create("digits", rollout=rollout)

    sets.wait_on("digits", "cluster1")
    sets.wait_for("digits", "ManifestworkApplied", ("True", "AsExpected"))
    assert set(sets.works("digits")) == {"cluster1"}


def test_progressive_rollout_goes_on_when_a_rule_says_done(sets):
    sets.choose("cluster1")
    sets.choose("cluster2")
    made = config_map("plan")
    rule = {"type": "CEL", "condition": "Progressing", "celExpressions": ["object.data.v == 'on'"]}
    rollout = {"type": "Progressive", "progressive": {"maxConcurrency": 1}}

    sets.create("digits", made, rollout=rollout, manifestConfigs=[config(made, "configmaps", conditionRules=[rule])])

    sets.wait_on("digits", "cluster1", "cluster2")


def _other(sets, uid):
    """The work on cluster1, when it is a new one."""
    found = sets.works("digits").get("cluster1")
    return found if found and found["metadata"]["uid"] != uid else None

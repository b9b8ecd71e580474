"""How OCM decides Placements: as our own evaluator says, which Covey's preview goes by."""

from __future__ import annotations

import pytest

from controlplane.ocm.kinds import BINDING, CLUSTER, CLUSTERS, NAMESPACE, PLACEMENT
from ocm_hub import condition
from ocm_placements import (
    CASES,
    FLEET,
    bare,
    chosen,
    clusters_of,
    decisions,
    differences,
    only,
    place,
    prepare,
    score,
    site,
    status_of,
)
from placements import add_on, exactly, predicate
from waiting import steadily, until

pytestmark = pytest.mark.ocm


@pytest.fixture
def fleet(hub):
    prepare(hub)
    return hub


def test_every_kind_of_placement_is_decided_as_our_evaluator_says(fleet):
    for name, spec in CASES.items():
        place(fleet, name, **spec)
    names = [one["metadata"]["name"] for one in fleet.list(PLACEMENT, FLEET)]
    assert names == sorted(CASES)
    last: dict[str, str] = {}

    def differing():
        """A Placement that balances over others may change until all are decided."""
        last.clear()
        last.update(differences(fleet))
        return last

    until(lambda: not differing(), told=lambda: last)


def test_a_toleration_with_seconds_holds_a_cluster_for_so_long(fleet):
    tolerations = [{"key": "broken", "operator": "Exists", "tolerationSeconds": 3}]
    place(fleet, "patient", tolerations=tolerations, predicates=[only("site-a", "site-b")])
    until(lambda: chosen(fleet, "patient") == ["site-a", "site-b"])
    fleet.patch(CLUSTER, "site-a", {"spec": {"taints": [{"key": "broken", "effect": "NoSelect"}]}})
    steadily(lambda: chosen(fleet, "patient") == ["site-a", "site-b"], seconds=1)
    until(lambda: chosen(fleet, "patient") == ["site-b"])


def test_no_new_cluster_is_chosen_while_it_is_tainted_and_a_chosen_one_stays(fleet):
    place(fleet, "before", predicates=[only("site-a", "site-b")])
    until(lambda: chosen(fleet, "before") == ["site-a", "site-b"])
    fleet.patch(CLUSTER, "site-a", {"spec": {"taints": [{"key": "full", "effect": "NoSelectIfNew"}]}})
    place(fleet, "after", predicates=[only("site-a", "site-b")])
    until(lambda: chosen(fleet, "after") == ["site-b"])
    assert chosen(fleet, "before") == ["site-a", "site-b"]


def test_a_decision_stays_when_a_cluster_joins_that_is_as_good(fleet):
    place(fleet, "steady", numberOfClusters=1, predicates=[only("site-b", "site-aa")])
    until(lambda: chosen(fleet, "steady") == ["site-b"])
    site(fleet, "site-aa", "default")
    place(fleet, "anew", predicates=[only("site-aa")])
    until(lambda: chosen(fleet, "anew") == ["site-aa"])
    assert chosen(fleet, "steady") == ["site-b"]


def test_a_new_score_counts_at_once(fleet):
    wanted = exactly(add_on("fresh", "rows"))
    place(fleet, "scored", numberOfClusters=1, prioritizerPolicy=wanted, predicates=[only("site-a", "site-b")])
    until(lambda: chosen(fleet, "scored") == ["site-a"])
    score(fleet, "fresh", {"site-a": 1, "site-b": 50})
    until(lambda: chosen(fleet, "scored") == ["site-b"])


def test_decisions_of_more_than_a_hundred_clusters_come_in_slices(fleet):
    names = [f"many-{number:03}" for number in range(105)]
    for name in names:
        bare(fleet, name)
    wanted = [predicate(labels=[{"key": "many", "operator": "Exists"}])]
    place(fleet, "many", predicates=wanted, tolerations=[{"operator": "Exists"}])

    def slices():
        found = {one["metadata"]["name"]: one for one in decisions(fleet, "many")}
        return {name: clusters_of(one) for name, one in found.items()}

    full = {"many-decision-1": names[:100], "many-decision-2": names[100:]}
    until(lambda: slices() == full, told=slices)
    said = until(lambda: status_of(fleet, "many"))
    assert said["numberOfSelectedClusters"] == 105
    (group,) = said["decisionGroups"]
    assert (group["clusterCount"], group["decisions"]) == (105, ["many-decision-1", "many-decision-2"])

    for name in names[:6]:
        fleet.patch(CLUSTER, name, {"metadata": {"labels": {"many": None}}})
    until(lambda: slices() == {"many-decision-1": names[6:]}, told=slices)


def test_decisions_go_with_their_placement(fleet):
    place(fleet, "short", predicates=[only("site-a")])
    until(lambda: chosen(fleet, "short") == ["site-a"])
    (decision,) = decisions(fleet, "short")
    (owner,) = decision["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["name"], owner["controller"]) == ("Placement", "short", True)
    fleet.delete(PLACEMENT, "short", FLEET)
    until(lambda: not decisions(fleet, "short"))


def test_a_namespace_without_a_binding_gets_no_clusters(hub):
    hub.create(NAMESPACE, {"metadata": {"name": FLEET}})
    place(hub, "alone")
    said = until(lambda: condition(hub.get(PLACEMENT, "alone", FLEET), "PlacementSatisfied"))
    assert said == ("False", "NoManagedClusterSetBindings", said[2])
    hub.create(BINDING, {"metadata": {"name": "default", "namespace": FLEET}, "spec": {"clusterSet": "default"}})
    until(lambda: chosen(hub, "alone") == ["cluster1", "cluster2"])


def test_an_experimental_annotation_pauses_a_placement(fleet):
    metadata = {"annotations": {f"{CLUSTERS}/experimental-scheduling-disable": "true"}}
    place(fleet, "paused", metadata=metadata)
    place(fleet, "next")
    until(lambda: status_of(fleet, "next"))
    assert not status_of(fleet, "paused")

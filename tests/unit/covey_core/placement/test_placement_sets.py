"""Which clusters a Placement may look at, and why not."""

from __future__ import annotations

import pytest

from covey_core.placement import Step
from placements import binding, cluster, cluster_set, decide, decision, placement, reasons, satisfied

HOSPITALS = (cluster_set("hospitals"), binding("hospitals"))


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ([], ("a", "h")),
        (None, ("a", "h")),
        (["default"], ("a",)),
        (["hospitals"], ("h",)),
        (["hospitals", "default"], ("a", "h")),
        (["hospitals", "unknown"], ("h",)),
    ],
)
def test_the_sets_that_are_bound_and_asked_for_are_used(wanted, expected):
    spec = {} if wanted is None else {"clusterSets": wanted}
    outcome = decide(placement(**spec), cluster("a"), cluster("h", of="hospitals"), *HOSPITALS)
    assert outcome.clusters == expected
    assert satisfied(outcome)[:2] == ("True", "AllDecisionsScheduled")


def test_the_global_set_takes_every_cluster_by_an_empty_selector():
    objects = [cluster("a", of=None), cluster("b", of="x"), cluster_set("global", selector={}), binding("global")]
    assert decide(placement(), *objects).clusters == ("a", "b")


def test_a_set_by_labels_takes_what_its_selector_matches():
    north = cluster_set("north", selector={"matchLabels": {"region": "north"}})
    objects = [cluster("a", of=None, labels={"region": "north"}), cluster("b", of="default"), north, binding("north")]
    objects.append(cluster("c", of="north", labels={"region": "west"}))
    outcome = decide(placement(clusterSets=["north"]), *objects)
    assert outcome.clusters == ("a",)
    assert reasons(outcome) == {
        "b": "is in the cluster set default, not in (north)",
        "c": "does not have the labels that the cluster set north selects by",
    }


def test_a_set_whose_label_selector_is_missing_takes_nothing():
    empty = cluster_set("empty", selector={})
    empty["spec"]["clusterSelector"]["labelSelector"] = None
    outcome = decide(placement(clusterSets=["empty"]), cluster("a"), empty, binding("empty"))
    assert satisfied(outcome)[1] == "AllManagedClusterSetsEmpty"


def test_a_cluster_outside_is_told_why():
    objects = [cluster("a", of="other"), cluster("b", of="x"), cluster("c", of=None), cluster("d", leaving=True)]
    found = reasons(decide(placement(clusterSets=["default", "other"]), *objects, cluster_set("other")))
    assert found == {
        "a": "is in the cluster set other, which is not bound to fl",
        "b": "is in the cluster set x, not in (default, other)",
        "c": "is in none of the cluster sets (default, other)",
        "d": "is being removed from the hub",
    }


def test_steps_tell_set_and_leaving_apart():
    outcome = decide(placement(), cluster("a", of="x"), cluster("b", leaving=True))
    assert [one.step for one in outcome.others] == [Step.SET, Step.LEAVING]


@pytest.mark.parametrize(
    ("objects", "reason", "message"),
    [
        ([], "NoManagedClusterSetBindings", "No valid ManagedClusterSetBindings found in placement namespace"),
        (
            [binding("gone"), cluster_set("default"), binding("default", "elsewhere")],
            "NoManagedClusterSetBindings",
            "No valid ManagedClusterSetBindings found in placement namespace",
        ),
        (
            [cluster_set("other"), binding("other")],
            "NoIntersection",
            "None of ManagedClusterSets [default,x] is bound to placement namespace",
        ),
        (
            [cluster_set("default"), binding("default"), cluster_set("x"), binding("x")],
            "AllManagedClusterSetsEmpty",
            "All ManagedClusterSets [default,x] have no member ManagedCluster",
        ),
    ],
)
def test_the_condition_says_what_is_wrong_with_the_sets(objects, reason, message):
    outcome = decide(placement(clusterSets=["default", "x"]), *objects, default=False)
    assert satisfied(outcome) == ("False", reason, message)
    assert [(group.index, group.slices) for group in outcome.groups] == [(0, (("all-decision-1", ()),))]


def test_a_decision_so_far_does_not_keep_a_cluster_that_has_left_the_set():
    outcome = decide(placement(), cluster("a"), cluster("b", of="x"), decision("all", "a", "b"))
    assert outcome.clusters == ("a",)

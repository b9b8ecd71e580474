"""Decision groups, and what OCM writes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from covey_core.placement import Placement, decision_objects, status
from placements import NOW, built_in, cluster, decide, exactly, placement, predicate, resources


def names(count):
    return [f"c{number:03}" for number in range(count)]


def shape(outcome):
    return [(group.name, [(name, len(clusters)) for name, clusters in group.slices]) for group in outcome.groups]


@pytest.mark.parametrize(
    ("count", "slices"),
    [(0, [0]), (1, [1]), (100, [100]), (101, [100, 1]), (250, [100, 100, 50])],
)
def test_a_placement_decision_holds_at_most_a_hundred(count, slices):
    outcome = decide(placement(), *map(cluster, names(count)))
    assert shape(outcome) == [("", [(f"all-decision-{number}", size) for number, size in enumerate(slices, 1)])]
    assert [clusters for one in decision_objects(outcome) for clusters in _clusters(one)] == names(count)


def _clusters(one):
    return [decided["clusterName"] for decided in one["status"]["decisions"]]


def test_within_a_group_clusters_go_by_name_whatever_they_score():
    policy = exactly(built_in("ResourceAllocatableCPU"))
    wanted = placement(prioritizerPolicy=policy, sortBy="Score")
    outcome = decide(wanted, cluster("a", status=resources("1")), cluster("b", status=resources("2")))
    assert outcome.clusters == ("b", "a")
    assert outcome.groups[0].slices == (("all-decision-1", ("a", "b")),)


def grouped(per_group=None, *groups):
    strategy = {"decisionGroups": [{"groupName": name, "groupClusterSelector": one} for name, one in groups]}
    if per_group is not None:
        strategy["clustersPerDecisionGroup"] = per_group
    return placement(decisionStrategy={"groupStrategy": strategy})


def test_named_groups_come_first_and_each_cluster_once():
    canary = {"labelSelector": {"matchLabels": {"canary": "yes"}}}
    big = predicate(claims=[{"key": "size", "operator": "In", "values": ["big"]}])["requiredClusterSelector"]
    clusters = [
        cluster("a"),
        cluster("b", labels={"canary": "yes"}, claims={"size": "big"}),
        cluster("c", claims={"size": "big"}),
    ]
    outcome = decide(grouped(None, ("first", canary), ("second", big)), *clusters)
    assert shape(outcome) == [
        ("first", [("all-decision-1", 1)]),
        ("second", [("all-decision-2", 1)]),
        ("", [("all-decision-3", 1)]),
    ]
    labels = [one["metadata"]["labels"] for one in decision_objects(outcome)]
    prefix = "cluster.open-cluster-management.io/decision-group"
    assert [(label[f"{prefix}-name"], label[f"{prefix}-index"]) for label in labels] == [
        ("first", "0"),
        ("second", "1"),
        ("", "2"),
    ]


@pytest.mark.parametrize(
    ("per_group", "sizes"),
    [(2, [2, 2, 1]), ("40%", [2, 2, 1]), ("41%", [3, 2]), ("100%", [5]), (0, [5]), (9, [5]), ("0%", [5])],
)
def test_groups_are_as_large_as_the_strategy_says(per_group, sizes):
    outcome = decide(grouped(per_group), *map(cluster, "abcde"))
    assert [group.count for group in outcome.groups] == sizes


@pytest.mark.parametrize("per_group", ["half", "x%"])
def test_a_share_that_is_none_is_a_misconfiguration_that_leaves_no_decision(per_group):
    outcome = decide(grouped(per_group), cluster("a"))
    assert outcome.conditions[0].message == f":{per_group} invalid type: string is not a percentage"
    assert decision_objects(outcome) == []


def test_a_condition_keeps_its_time_while_its_status_does():
    first = status(decide(placement(), cluster("a")), now=NOW)
    later = NOW + timedelta(hours=1)
    second = status(decide(placement(numberOfClusters=2), cluster("a")), now=later, previous=first)
    times = [one["lastTransitionTime"] for one in second["conditions"]]
    assert times == ["2026-11-23T12:00:00Z", "2026-11-23T13:00:00Z"]
    assert second["conditions"][1]["reason"] == "NotAllDecisionsScheduled"


def test_a_status_keeps_what_is_not_the_evaluators():
    previous = {"lastScoreUpdateTime": "x", "numberOfSelectedClusters": 3, "conditions": [{"type": "Other"}]}
    written = status(decide(placement()), now=datetime(2026, 1, 1, tzinfo=UTC), previous=previous)
    assert written["lastScoreUpdateTime"] == "x"
    assert "numberOfSelectedClusters" not in written
    assert [one["type"] for one in written["conditions"]] == ["PlacementMisconfigured", "PlacementSatisfied", "Other"]


@pytest.mark.parametrize(
    ("metadata", "idle"),
    [
        ({}, False),
        ({"annotations": {"cluster.open-cluster-management.io/experimental-scheduling-disable": "true"}}, True),
        ({"deletionTimestamp": "2026-11-23T11:00:00Z"}, True),
    ],
)
def test_a_placement_that_ocm_leaves_alone_is_idle(metadata, idle):
    wanted = placement()
    wanted["metadata"] |= metadata
    assert Placement.of(wanted).idle is idle

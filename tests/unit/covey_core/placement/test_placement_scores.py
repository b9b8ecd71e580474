"""Scores, weights and numbers: who comes first."""

from __future__ import annotations

import pytest

from placements import (
    NOW,
    add_on,
    built_in,
    cluster,
    decide,
    decision,
    exactly,
    placement,
    reasons,
    resources,
    satisfied,
    scores,
)


def scored(outcome):
    return {one.cluster: one.score for one in outcome.chosen}


def test_without_a_policy_balance_and_steady_count_once():
    outcome = decide(placement(), cluster("a"), cluster("b"), decision("all", "b"))
    assert scored(outcome) == {"b": 200, "a": 100}
    assert [(part.prioritizer, part.weight, part.score) for part in outcome.chosen[0].parts] == [
        ("Balance", 1, 100),
        ("Steady", 1, 100),
    ]


def test_ties_go_by_name():
    outcome = decide(placement(numberOfClusters=2), cluster("c"), cluster("a"), cluster("b"))
    assert outcome.clusters == ("a", "b")
    assert reasons(outcome) == {"c": "scores 100 as b does, which comes first by name"}


def test_a_lower_score_is_a_reason():
    wanted = placement(numberOfClusters=1, prioritizerPolicy=exactly(built_in("ResourceAllocatableCPU")))
    outcome = decide(wanted, cluster("a", status=resources("2")), cluster("b", status=resources("8")))
    assert outcome.clusters == ("b",)
    assert reasons(outcome) == {"a": "scores -100, less than the last of 1 chosen (100)"}


def test_balance_counts_the_decisions_of_all_other_placements():
    """Four of four decisions are -100, one of four 50; its own decisions count for nothing."""
    others = [decision(name, "a", namespace=where) for name, where in (("x", "fl"), ("y", "fl"), ("all", "elsewhere"))]
    outcome = decide(
        placement(prioritizerPolicy=exactly(built_in("Balance"))),
        *map(cluster, "abc"),
        *others,
        decision("z", "a", "b"),
        decision("all", "a", "b", "c"),
    )
    assert scored(outcome) == {"c": 100, "b": 50, "a": -100}


def test_balance_is_cut_towards_zero_before_it_is_doubled():
    """100 * (0.5 - 2/3) is -16.67: -16 and so -32."""
    most = [decision(name, "a", "b") for name in ("x", "y")]
    outcome = decide(
        placement(prioritizerPolicy=exactly(built_in("Balance"))), *map(cluster, "ab"), *most, decision("z", "a")
    )
    assert scored(outcome) == {"b": -32, "a": -100}


def test_steady_has_no_malus_for_new_clusters():
    outcome = decide(
        placement(prioritizerPolicy=exactly(built_in("Steady", 10))),
        *map(cluster, "ab"),
        decision("all", "b", number=2),
    )
    assert scored(outcome) == {"b": 1000, "a": 0}


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ({"a": "1", "b": "3", "c": "2"}, {"b": 100, "c": 0, "a": -100}),
        ({"a": "500m", "b": "1500m", "c": "800m"}, {"b": 100, "c": -39, "a": -100}),  # as Go rounds; -40 exactly
        ({"a": "2", "b": "2"}, {"a": 100, "b": 100}),
        ({"a": 4, "b": "1k"}, {"b": 100, "a": -100}),
        ({"a": "4", "b": "no quantity"}, {"a": 100, "b": 0}),
        ({"a": "1e9999", "b": "9e99", "c": "1"}, {"a": 100, "b": 100, "c": -100}),
    ],
)
def test_allocatable_resources_are_scaled_between_least_and_most(amounts, expected):
    clusters = [cluster(name, status=resources(amount)) for name, amount in amounts.items()]
    policy = exactly(built_in("ResourceAllocatableCPU"))
    assert scored(decide(placement(prioritizerPolicy=policy), *clusters)) == expected


def test_memory_counts_too_and_a_cluster_that_does_not_tell_its_capacity_gets_nothing():
    silent = cluster("c", status={"allocatable": {"memory": "64Gi"}})
    clusters = [cluster("a", status=resources("1", "8Gi")), cluster("b", status=resources("1", "16Gi")), silent]
    policy = exactly(built_in("ResourceAllocatableMemory", 2))
    assert scored(decide(placement(prioritizerPolicy=policy), *clusters)) == {"b": 200, "c": 0, "a": -200}


def test_scores_of_add_ons_are_taken_as_they_are_and_missing_or_expired_ones_are_zero():
    clusters = map(cluster, "abcd")
    reported = [
        scores("a", "covey", rows=-20),
        scores("b", "covey", rows=70, other=99),
        scores("c", "covey", until="2026-11-23T11:59:59Z", rows=100),
        scores("d", "else", rows=100),
    ]
    outcome = decide(placement(prioritizerPolicy=exactly(add_on("covey", "rows", 3))), *clusters, *reported)
    assert scored(outcome) == {"b": 210, "c": 0, "d": 0, "a": -60}
    assert outcome.warnings == ("AddOnPlacementScores c/covey expired",)
    assert satisfied(outcome)[0] == "True"


def test_a_score_is_valid_until_its_last_moment():
    reported = scores("a", "covey", until=NOW.isoformat(), rows=5)
    outcome = decide(placement(prioritizerPolicy=exactly(add_on("covey", "rows"))), cluster("a"), reported)
    assert scored(outcome) == {"a": 5}


def test_weights_add_up_and_may_be_negative():
    policy = {"configurations": [built_in("Steady", 0), built_in("Balance", -1), add_on("covey", "rows", 2)]}
    outcome = decide(placement(prioritizerPolicy=policy), cluster("a"), scores("a", "covey", rows=10))
    assert scored(outcome) == {"a": -80}


def test_an_exact_policy_without_configurations_goes_by_name_alone():
    outcome = decide(placement(prioritizerPolicy={"mode": "Exact"}, numberOfClusters=1), cluster("b"), cluster("a"))
    assert scored(outcome) == {"a": 0}


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ({"mode": "Random"}, ":incorrect prioritizer policy mode: Random"),
        (exactly(built_in("Spread")), ":incorrect builtin prioritizer: Spread"),
        (exactly({"weight": 1}), ":scoreCoordinate field is required"),
        (exactly({"scoreCoordinate": {"type": "AddOn"}}), ":addOn should not be empty"),
    ],
)
def test_a_policy_that_ocm_does_not_know_is_a_misconfiguration(policy, message):
    outcome = decide(placement(prioritizerPolicy=policy), cluster("a"))
    assert (outcome.conditions[0].status, outcome.conditions[0].message) == ("True", message)
    assert outcome.clusters == ()


def test_an_unknown_prioritizer_of_no_weight_is_let_be():
    outcome = decide(placement(prioritizerPolicy=exactly(built_in("Spread", 0))), cluster("a"))
    assert outcome.clusters == ("a",)


@pytest.mark.parametrize(
    ("number", "clusters", "expected"),
    [
        (2, "ab", ("True", "AllDecisionsScheduled", "All cluster decisions scheduled")),
        (5, "ab", ("False", "NotAllDecisionsScheduled", "3 cluster decisions unscheduled")),
        (0, "ab", ("False", "NoManagedClusterMatched", "No ManagedCluster matches any of the cluster predicate")),
    ],
)
def test_too_few_are_all_chosen_and_the_condition_says_how_many_are_missing(number, clusters, expected):
    outcome = decide(placement(numberOfClusters=number), *map(cluster, clusters))
    assert len(outcome.chosen) == min(number, len(clusters))
    assert satisfied(outcome) == expected

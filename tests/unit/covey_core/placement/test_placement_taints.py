"""Taints and what is tolerated, for how long."""

from __future__ import annotations

from datetime import timedelta

import pytest

from covey_core.placement import Step
from placements import NOW, cluster, decide, decision, placement, reasons, satisfied, taint

GONE = "cluster.open-cluster-management.io/unreachable"
MINUTE_AGO = "2026-11-23T11:59:00Z"


def tolerate(**toleration):
    return placement(tolerations=[toleration])


@pytest.mark.parametrize(
    ("mark", "toleration", "is_chosen"),
    [
        (taint("gpu"), {}, False),
        (taint("gpu", "PreferNoSelect"), {}, True),
        (taint("gpu", "NoSelectIfNew"), {}, False),
        (taint("gpu"), {"key": "gpu", "operator": "Exists"}, True),
        (taint("gpu"), {"operator": "Exists"}, True),
        (taint("gpu"), {"key": "gpu"}, True),
        (taint("gpu", value="a"), {"key": "gpu"}, False),
        (taint("gpu", value="a"), {"key": "gpu", "value": "a"}, True),
        (taint("gpu", value="a"), {"key": "gpu", "operator": "Equal", "value": "b"}, False),
        (taint("gpu", value="a"), {"key": "gpu", "operator": "Exists"}, True),
        (taint("gpu"), {"key": "cpu", "operator": "Exists"}, False),
        (taint("gpu"), {"key": "gpu", "operator": "Exists", "effect": "NoSelectIfNew"}, False),
        (taint("gpu"), {"key": "gpu", "operator": "Exists", "effect": "NoSelect"}, True),
        (taint("gpu"), {"key": "gpu", "operator": "Sometimes"}, False),
        (taint("gpu", added=MINUTE_AGO), {"key": "gpu", "operator": "Exists", "tolerationSeconds": 61}, True),
        (taint("gpu", added=MINUTE_AGO), {"key": "gpu", "operator": "Exists", "tolerationSeconds": 60}, False),
        (taint("gpu", added=MINUTE_AGO), {"key": "gpu", "operator": "Exists", "tolerationSeconds": 2**62}, True),
        (taint("gpu"), {"key": "gpu", "operator": "Exists", "tolerationSeconds": 2**40}, False),
    ],
)
def test_a_tainted_cluster_is_chosen_if_that_is_tolerated(mark, toleration, is_chosen):
    wanted = tolerate(**toleration) if toleration else placement()
    outcome = decide(wanted, cluster("a", taints=[mark]))
    assert outcome.clusters == (("a",) if is_chosen else ())


def test_every_taint_must_be_tolerated_and_any_toleration_may():
    both = [taint("gpu"), taint("old")]
    wanted = placement(tolerations=[{"key": "old", "operator": "Exists"}])
    assert reasons(decide(wanted, cluster("a", taints=both))) == {
        "a": "has the taint gpu:NoSelect, which is not tolerated"
    }
    wanted["spec"]["tolerations"].append({"key": "gpu", "operator": "Exists"})
    assert decide(wanted, cluster("a", taints=both)).clusters == ("a",)


def test_a_cluster_decided_on_before_keeps_its_place_under_no_select_if_new():
    marked = [cluster(name, taints=[taint("busy", "NoSelectIfNew")]) for name in ("a", "b")]
    outcome = decide(placement(), *marked, decision("all", "a"), decision("other", "b"))
    assert outcome.clusters == ("a",)
    assert outcome.others[0].step is Step.TAINT


def test_an_end_of_toleration_is_when_to_look_again():
    wanted = tolerate(key=GONE, operator="Exists", tolerationSeconds=300)
    lost = cluster("a", taints=[taint(GONE, added=MINUTE_AGO)])
    outcome = decide(wanted, lost, cluster("b"))
    assert outcome.look_again == NOW + timedelta(seconds=240)
    assert decide(wanted, lost, cluster("b"), now=outcome.look_again).clusters == ("b",)


def test_the_reason_has_the_seconds_and_the_times():
    wanted = tolerate(key=GONE, operator="Exists", tolerationSeconds=30)
    timed, untimed = (cluster(name, taints=[taint(GONE, added=at)]) for name, at in (("a", MINUTE_AGO), ("b", None)))
    assert reasons(decide(wanted, timed, untimed)) == {
        "a": f"has the taint {GONE}:NoSelect since {MINUTE_AGO}, tolerated for 30 s, until 2026-11-23T11:59:30Z",
        "b": f"has the taint {GONE}:NoSelect without a time, so that 30 s of toleration never begin",
    }


@pytest.mark.parametrize(
    ("toleration", "message"),
    [
        ({"value": "x"}, "If the key is empty, operator must be Exists."),
        ({"key": "x", "operator": "Exists", "value": "y"}, "If the operator is Exists, the value should be empty."),
    ],
)
def test_a_toleration_that_means_nothing_is_a_misconfiguration(toleration, message):
    outcome = decide(tolerate(**toleration), cluster("a"))
    assert outcome.conditions[0].message == f"TaintToleration:{message}"
    assert satisfied(outcome)[1] == "NoManagedClusterMatched"

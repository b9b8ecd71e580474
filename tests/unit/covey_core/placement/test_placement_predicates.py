"""Labels, claims and CEL expressions that a cluster must satisfy."""

from __future__ import annotations

import pytest

from covey_core.placement import Step
from covey_core.placement.expressions import _used
from placements import cluster, decide, placement, predicate, reasons, resources, satisfied, scores


def need(key, operator, *values):
    return {"key": key, "operator": operator} | ({"values": list(values)} if values else {})


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        (need("region", "In", "north", "west"), ["a"]),
        (need("region", "NotIn", "north"), ["b", "c"]),
        (need("region", "Exists"), ["a", "b"]),
        (need("region", "DoesNotExist"), ["c"]),
    ],
)
@pytest.mark.parametrize("kind", ["labels", "claims"])
def test_requirements_on_labels_and_claims_mean_the_same(kind, requirement, expected):
    clusters = [
        cluster("a", **{kind: {"region": "north"}}),
        cluster("b", **{kind: {"region": "any text/at all"}}),
        cluster("c"),
    ]
    outcome = decide(placement(predicates=[predicate(**{kind: [requirement]})]), *clusters)
    assert sorted(outcome.clusters) == expected


def test_match_labels_are_requirements_too():
    wanted = {"requiredClusterSelector": {"labelSelector": {"matchLabels": {"gpu": "yes", "region": "north"}}}}
    clusters = [cluster("a", labels={"gpu": "yes", "region": "north"}), cluster("b", labels={"region": "north"})]
    outcome = decide(placement(predicates=[wanted]), *clusters)
    assert outcome.clusters == ("a",)
    assert reasons(outcome) == {"b": "has no label gpu; wanted: gpu In [yes]"}


def test_within_a_predicate_all_must_hold_and_of_predicates_one():
    both = predicate(labels=[need("region", "Exists")], claims=[need("data", "In", "present")])
    other = predicate(cel=['managedCluster.metadata.name == "d"'])
    clusters = [
        cluster("a", labels={"region": "n"}, claims={"data": "present"}),
        cluster("b", labels={"region": "n"}, claims={"data": "gone"}),
        cluster("c", claims={"data": "present"}),
        cluster("d"),
    ]
    outcome = decide(placement(predicates=[both, other]), *clusters)
    assert outcome.clusters == ("a", "d")
    steps = {one.cluster: [refusal.step for refusal in one.refusals] for one in outcome.others}
    assert steps == {"b": [Step.CLAIM, Step.CEL], "c": [Step.LABEL, Step.CEL]}
    assert reasons(outcome)["b"] == (
        'has the claim data=gone; wanted: data In [present]; `managedCluster.metadata.name == "d"` does not hold'
    )


def test_nothing_that_matches_is_a_condition():
    outcome = decide(placement(predicates=[predicate(labels=[need("region", "In", "mars")])]), cluster("a"))
    assert satisfied(outcome) == (
        "False",
        "NoManagedClusterMatched",
        "No ManagedCluster matches any of the cluster predicate",
    )


@pytest.mark.parametrize(
    "expression",
    [
        'managedCluster.metadata.name in ["a", "x"]',
        'managedCluster.metadata.name in ["a", "x"] && true',
        'managedCluster.metadata.name.startsWith("a")',
        'managedCluster["metadata"]["labels"]["region"] == "north"',
        'managedCluster.metadata.labels["region"].matches("^n")',
        "has(managedCluster.metadata.labels.region)",
        'managedCluster.status.clusterClaims.exists(c, c.name == "data" && c.value == "present")',
        "semver(managedCluster.status.version.kubernetes.substring(1)).isGreaterThan(semver('1.30.0'))",
        'quantity(managedCluster.status.allocatable.cpu).isGreaterThan(quantity("2"))',
        'managedCluster.scores("covey").exists(s, s.name == "rows" && s.value > 80)',
        'managedCluster.scores("covey").filter(s, s.name == "rows").all(e, e.value > 80)',
        'managedCluster.status.clusterClaims.filter(c, c.name == "json")[0].value.parseJSON().gpus == 2.0',
        'managedCluster.?spec.?nothing.orValue("x") == "x"',
        "managedCluster.metadata.labels.size() > 1",
        "!has(managedCluster.kind)",
    ],
)
def test_expressions_see_the_cluster_as_ocm_shows_it(expression):
    first = cluster(
        "a",
        labels={"region": "north"},
        claims={"data": "present", "json": '{"gpus": 2}'},
        status=resources("4") | {"version": {"kubernetes": "v1.36.3"}},
    )
    outcome = decide(placement(predicates=[predicate(cel=[expression])]), first, scores("a", "covey", rows=90))
    assert outcome.clusters == ("a",)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ('managedCluster.metadata.name in ["b"]', '`managedCluster.metadata.name in ["b"]` does not hold'),
        ("managedCluster.metadata.name == 'b'", "`managedCluster.metadata.name == 'b'` does not hold"),
        ("managedCluster.metadata.name", "`managedCluster.metadata.name` does not hold"),
        (
            "managedCluster.metadata.annotations.x == 'y'",
            "`managedCluster.metadata.annotations.x == 'y'` fails: Key not found in map : \"annotations\"",
        ),
    ],
)
def test_an_expression_that_is_not_true_or_fails_leaves_the_cluster_out(expression, reason):
    outcome = decide(placement(predicates=[predicate(cel=[expression])]), cluster("a"))
    assert reasons(outcome) == {"a": reason}
    assert outcome.others[0].refusals[0].key == expression


@pytest.mark.parametrize("text", ["{", "NaN", "[" * 100_000, ""])
def test_a_claim_that_is_no_json_leaves_the_cluster_out(text):
    expression = "managedCluster.status.clusterClaims[0].value.parseJSON() != 3.0"
    outcome = decide(placement(predicates=[predicate(cel=[expression])]), cluster("a", claims={"x": text}))
    assert "fails" in reasons(outcome)["a"]


def test_scores_that_a_cluster_does_not_have_leave_it_out():
    outcome = decide(
        placement(predicates=[predicate(cel=['managedCluster.scores("covey").size() >= 0'])]), cluster("a")
    )
    assert "no AddOnPlacementScore covey" in reasons(outcome)["a"]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (predicate(labels=[need("region", "In")]), "Predicate:In needs values"),
        (predicate(claims=[need("x", "Exists", "y")]), "Predicate:Exists takes no values"),
        (predicate(labels=[need("x", "Near", "y")]), "Predicate:'Near' is no operator of a label selector"),
        (predicate(claims=[need("no key", "Exists")]), "Predicate:'no key' is no label key"),
        (predicate(claims=[need("x", "In", "pvc/digits")]), "Predicate:'pvc/digits' is no label value"),
        (
            predicate(cel=["cluster.name == 'a'"]),
            "Predicate:compilation failed: undeclared reference to 'cluster.name'",
        ),
        (predicate(cel=["managedCluster."]), "Predicate:compilation failed: Syntax error"),
    ],
)
def test_a_selector_that_kubernetes_refuses_is_a_misconfiguration(wanted, message):
    outcome = decide(placement(predicates=[wanted]), cluster("a"))
    misconfigured = outcome.conditions[0]
    assert (misconfigured.status, misconfigured.reason) == ("True", "Misconfigured")
    assert misconfigured.message.startswith(message)
    assert satisfied(outcome)[1] == "NoManagedClusterMatched"
    assert outcome.others[0].step is Step.CONFIGURATION


def test_a_bad_selector_goes_unnoticed_while_there_is_no_cluster_to_ask():
    outcome = decide(placement(predicates=[predicate(cel=["managedCluster."])]))
    assert outcome.conditions[0].status == "False"


@pytest.mark.parametrize(
    ("expression", "fields"),
    [
        ("managedCluster.metadata.name == 'a'", [("metadata", "name")]),
        ("managedCluster.metadata.labels['x'] == managedCluster.spec.x", [("metadata", "labels"), ("spec", "x")]),
        (
            "managedCluster.metadata.size() > 1 && managedCluster.metadata.name != ''",
            [("metadata",), ("metadata", "name")],
        ),
        ("managedCluster.scores('x').size() > 0", [("metadata", "name")]),
        ("'managedCluster' == 'x'", None),
        ("managedCluster['metadata'].name == 'a'", None),
        ("managedCluster . metadata.name == 'a'", None),
        ("[managedCluster].exists(c, c.metadata.name == 'a')", None),
        ("managedCluster.size() == 3", None),
        ("true", []),
    ],
)
def test_an_expression_is_handed_the_fields_that_it_can_reach(expression, fields):
    assert _used(expression) == (None if fields is None else tuple(fields))


@pytest.mark.parametrize("text", ["x", "managedCluster"])
def test_handing_over_a_part_changes_no_verdict(text):
    """A comment makes the engine get the whole object, and says nothing."""
    expressions = [
        "managedCluster.metadata.name == 'a' && !has(managedCluster.metadata.annotations)",
        "managedCluster.metadata.size() > 1 && managedCluster.metadata.name != ''",
        "has(managedCluster.status.version)",
        "managedCluster.spec.hubAcceptsClient",
        "managedCluster.nothing.at.all == 1",
        "managedCluster.status.clusterClaims.size() == 1",
    ]
    for expression in expressions:
        one = decide(
            placement(predicates=[predicate(cel=[f"{expression} // {text}"])]), cluster("a", claims={"x": "y"})
        )
        assert (one.clusters == ("a",)) is not expression.startswith("managedCluster.nothing")

"""Whatever is on a hub: a choice depends on nothing but it, keeps to the rules, and stays."""

from __future__ import annotations

import json
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from covey_core.placement import ObjectError, Placement, World, decision_objects, evaluate
from covey_core.placement.cel_engine import environment
from covey_core.placement.expressions import ready
from placements import (
    DEFAULT,
    NOW,
    add_on,
    binding,
    built_in,
    cluster,
    cluster_set,
    decision,
    exactly,
    placement,
    predicate,
    resources,
    scores,
    taint,
)

# JSON writes what is beyond the first plane as two escapes, which CEL refuses; names have nothing of it.
LETTERS = st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"])
NAMES = [f"site-{number}" for number in range(8)]
VALUES = st.sampled_from(["north", "south", "present"])
TABLES = st.dictionaries(st.sampled_from(["region", "data"]), VALUES)
TIMES = st.sampled_from([None, "2026-11-23T11:59:00Z", "2026-11-23T11:00:00Z"])
EFFECTS = st.sampled_from(["NoSelect", "PreferNoSelect", "NoSelectIfNew"])
TAINTS = st.lists(st.builds(taint, st.sampled_from(["gone", "gpu"]), EFFECTS, added=TIMES), max_size=2)
REQUIREMENTS = st.one_of(
    st.builds(
        lambda key, operator, values: {"key": key, "operator": operator, "values": values},
        st.sampled_from(["region", "data"]),
        st.sampled_from(["In", "NotIn"]),
        st.lists(VALUES, min_size=1, max_size=2),
    ),
    st.builds(
        lambda key, operator: {"key": key, "operator": operator},
        st.sampled_from(["region", "data"]),
        st.sampled_from(["Exists", "DoesNotExist"]),
    ),
)
LISTED = st.none() | st.lists(REQUIREMENTS, max_size=2)
EXPRESSIONS = st.none() | st.just(['managedCluster.metadata.name != "site-3"'])
PREDICATES = st.lists(st.builds(predicate, labels=LISTED, claims=LISTED, cel=EXPRESSIONS), max_size=2)
TOLERATION = st.fixed_dictionaries(
    {"key": st.sampled_from(["gone", "gpu"]), "operator": st.just("Exists")},
    optional={"tolerationSeconds": st.sampled_from([30, 90])},
)
WEIGHTS = st.integers(-10, 10)
PRIORITIZERS = st.one_of(
    st.builds(built_in, st.sampled_from(["Balance", "ResourceAllocatableCPU"]), WEIGHTS),
    st.builds(add_on, st.just("covey"), st.just("rows"), WEIGHTS),
)


@st.composite
def hubs(draw):
    """A Placement, and objects with which it may or may not find clusters."""
    clusters = [
        cluster(
            name,
            of=draw(st.sampled_from(["default", "hospitals", "other", None])),
            labels=draw(TABLES),
            claims=draw(TABLES),
            taints=draw(TAINTS),
            status=draw(st.sampled_from([{}, resources("2"), resources("900m")])),
        )
        for name in draw(st.lists(st.sampled_from(NAMES), unique=True))
    ]
    reported = [
        scores(name, "covey", rows=draw(st.integers(-100, 100))) for name in draw(st.sets(st.sampled_from(NAMES)))
    ]
    before = [decision("elsewhere", *draw(st.sets(st.sampled_from(NAMES))))]
    wanted = placement(
        predicates=draw(PREDICATES),
        tolerations=draw(st.lists(TOLERATION, max_size=2)),
        **draw(st.fixed_dictionaries({}, optional={"numberOfClusters": st.integers(0, 5)})),
        **draw(st.sampled_from([{}, {"clusterSets": ["default"]}])),
        prioritizerPolicy=exactly(built_in("Steady", 10), *draw(st.lists(PRIORITIZERS, max_size=2))),
    )
    bound = [*DEFAULT, cluster_set("hospitals"), binding("hospitals")]
    return wanted, [*bound, *clusters, *reported, *before]


def decide(wanted, objects, now=NOW):
    return evaluate(Placement.of(wanted), World.of(objects), now=now)


@given(hubs(), st.randoms())
@settings(max_examples=150)
def test_the_order_of_the_objects_changes_nothing(hub, random):
    wanted, objects = hub
    mixed = list(objects)
    random.shuffle(mixed)
    assert decide(wanted, mixed) == decide(wanted, objects)


@given(hubs())
@settings(max_examples=150)
def test_every_cluster_is_chosen_or_told_why_not_and_the_decisions_hold_the_chosen(hub):
    wanted, objects = hub
    outcome = decide(wanted, objects)
    names = sorted(one["metadata"]["name"] for one in objects if one["kind"] == "ManagedCluster")
    assert sorted([*outcome.clusters, *(one.cluster for one in outcome.others)]) == names
    assert all(one.reason for one in outcome.others)
    written = [decided["clusterName"] for one in decision_objects(outcome) for decided in one["status"]["decisions"]]
    assert written == sorted(outcome.clusters)
    assert [(-one.score, one.cluster) for one in outcome.chosen] == sorted(
        (-one.score, one.cluster) for one in outcome.chosen
    )


@given(hubs())
@settings(max_examples=150)
def test_a_chosen_cluster_satisfies_a_predicate_and_every_taint_of_it_is_tolerated(hub):
    wanted, objects = hub
    spec = wanted["spec"]
    by_name = {one["metadata"]["name"]: one for one in objects if one["kind"] == "ManagedCluster"}
    for name in decide(wanted, objects).clusters:
        one = by_name[name]
        predicates = [given_one["requiredClusterSelector"] for given_one in spec["predicates"]]
        assert not predicates or any(_holds(selector, one) for selector in predicates)
        assert all(_is_tolerated(mark, spec["tolerations"]) for mark in one["spec"]["taints"])


@given(hubs())
@settings(max_examples=150)
def test_a_decision_that_was_written_stays(hub):
    """Steady weighs 10: what the others weigh may move a cluster, but not what was decided with the same scores."""
    wanted, objects = hub
    outcome = decide(wanted, objects)
    decided = decision_objects(outcome)
    assert decide(wanted, [*objects, *decided]).clusters == outcome.clusters


@given(hubs(), st.integers(0, 200))
@settings(max_examples=100)
def test_nothing_changes_by_itself_before_the_time_to_look_again(hub, seconds):
    wanted, objects = hub
    outcome = decide(wanted, objects)
    later = NOW + timedelta(seconds=seconds)
    if outcome.look_again is None or later < outcome.look_again:
        decided = [*objects, *decision_objects(outcome)]
        assert decide(wanted, decided, later).clusters == decide(wanted, decided).clusters


@given(st.lists(st.text(LETTERS, max_size=12), max_size=4), st.text(LETTERS, max_size=12))
def test_a_list_of_names_means_what_cel_says(names, name):
    """The quick way for the grants, compared with the engine."""
    listed = json.dumps(names)
    (one,) = World.of([cluster(name)]).clusters.values()
    quick = ready(f"managedCluster.metadata.name in {listed}", lambda _: {}).failing(one) == ""
    program = environment().compile(f"managedCluster.metadata.name in {listed}")
    assert quick is program.eval(data={"managedCluster": {"metadata": {"name": name}}}).value()


TEXTS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(["1e9999", "9" * 400, "-1", "1n", "0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00", "NaN"]),
)


@given(hubs(), st.lists(TEXTS, min_size=8, max_size=8))
@settings(max_examples=200)
def test_whatever_a_spoke_writes_has_an_outcome_or_a_sentence(hub, texts):
    wanted, objects = hub
    labels, claims, amount, capacity, key, value, added, until = texts
    odd = cluster(
        "odd",
        labels={"region": labels},
        claims={"data": claims},
        taints=[taint(key, value=value, added=added)],
        status={"allocatable": {"cpu": amount}, "capacity": {"cpu": capacity}},
    )
    policy = exactly(built_in("ResourceAllocatableCPU"), add_on("covey", "rows"))
    wanted["spec"]["prioritizerPolicy"] = policy
    named = _told(wanted, [*objects, odd, scores("odd", "covey", until=until, rows=1)])
    assert any("odd" in one for one in named)


def _told(wanted, objects):
    """The clusters of the outcome, or the sentence."""
    try:
        outcome = decide(wanted, objects)
    except ObjectError as error:
        return [str(error)]
    return [*outcome.clusters, *(one.cluster for one in outcome.others)]


def _holds(selector, one):
    claims = {claim["name"]: claim["value"] for claim in one["status"]["clusterClaims"]}
    for key, found in (("labelSelector", one["metadata"]["labels"]), ("claimSelector", claims)):
        for requirement in selector.get(key, {}).get("matchExpressions", []):
            value = found.get(requirement["key"])
            holds = {
                "In": value in requirement.get("values", ()),
                "NotIn": value not in requirement.get("values", ()),
                "Exists": value is not None,
                "DoesNotExist": value is None,
            }
            if not holds[requirement["operator"]]:
                return False
    return "celSelector" not in selector or one["metadata"]["name"] != "site-3"


def _is_tolerated(mark, tolerations):
    if mark["effect"] == "PreferNoSelect":
        return True
    age = {None: 10**9, "2026-11-23T11:59:00Z": 60, "2026-11-23T11:00:00Z": 3600}[mark.get("timeAdded")]
    return any(one["key"] == mark["key"] and age < one.get("tolerationSeconds", 10**10) for one in tolerations)

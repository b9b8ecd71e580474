"""Objects that are not what their kind promises are refused with a sentence that names them."""

from __future__ import annotations

import pytest

from covey_core.placement import ObjectError, Placement, World
from placements import binding, cluster, cluster_set, decision, placement, scores, taint


def changed(one, path, value):
    at = one
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return one


@pytest.mark.parametrize(
    ("one", "sentence"),
    [
        (changed(cluster("a"), ["spec", "taints"], {}), "ManagedCluster a: taints must be a list."),
        (changed(cluster("a"), ["spec", "taints"], ["x"]), "ManagedCluster a: taints must be a list of mappings."),
        (
            changed(cluster("a"), ["metadata", "labels"], {"x": 1}),
            "ManagedCluster a: labels must be a mapping of texts.",
        ),
        (changed(cluster("a"), ["status"], []), "ManagedCluster a: status must be a mapping."),
        (
            cluster("a", taints=[taint("x", added="yesterday")]),
            "ManagedCluster a: timeAdded must be a time such as 2026-01-31T12:00:00Z.",
        ),
        (changed(cluster("a"), ["metadata", "name"], 3), "ManagedCluster: name must be a text."),
        (
            changed(cluster_set("s"), ["spec", "clusterSelector", "selectorType"], "Magic"),
            "ManagedClusterSet s: selectorType 'Magic' is unknown.",
        ),
        (
            cluster_set("s", selector={"matchExpressions": [{"key": "x", "operator": "In"}]}),
            "ManagedClusterSet s: In needs values.",
        ),
        (scores("a", "covey", rows="many"), "AddOnPlacementScore a/covey: value must be a whole number."),
    ],
)
def test_an_object_that_cannot_be_understood_is_named(one, sentence):
    with pytest.raises(ObjectError) as caught:
        World.of([one])
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ({"clusterSets": "x"}, "Placement all: clusterSets must be a list."),
        ({"clusterSets": [1]}, "Placement all: clusterSets must be a list of texts."),
        ({"numberOfClusters": "3"}, "Placement all: numberOfClusters must be a whole number."),
    ],
)
def test_a_placement_that_cannot_be_understood_is_named(spec, sentence):
    with pytest.raises(ObjectError) as caught:
        Placement.of(placement(**spec))
    assert str(caught.value) == sentence


def test_other_kinds_and_kinds_of_other_groups_are_passed_over():
    stranger = {"apiVersion": "example.com/v1", "kind": "ManagedCluster", "metadata": {"name": "x"}}
    assert World.of([stranger, {"apiVersion": "v1", "kind": "Secret"}, {"kind": ["odd"]}]) == World()


def test_the_later_of_two_objects_with_one_key_counts():
    world = World.of([cluster("a", labels={"x": "1"}), binding("s"), decision("p", "a"), cluster("a")])
    assert "x" not in world.clusters["a"].labels
    assert list(world.bindings) == [("fl", "s")]


def test_a_time_without_a_zone_is_in_utc():
    (found,) = World.of([scores("a", "covey", until="2026-11-23T12:00:00", rows=1)]).scores.values()
    assert found.valid_until.utcoffset().total_seconds() == 0

"""What changes, and for whom, out of rendered objects."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from covey_core.diff import Action, Difference, SubjectChange, compare

Objects = dict[str, Any]
JOB = "rendered/vision/digits"
DIGESTS = ["sha256:" + digit * 64 for digit in "abc"]


def annotated(kind: str, name: str, namespace: str = "", **body: Any) -> Objects:
    metadata: Objects = {"name": name, "labels": {}, "annotations": {"covey.dev/rendered-by": "covey/0.1.0"}}
    if namespace:
        metadata["namespace"] = namespace
    return {"kind": kind, "metadata": metadata, **body}


def placement(*clusters: str) -> Objects:
    expression = f"managedCluster.metadata.name in {json.dumps(clusters)}"
    selector = {"requiredClusterSelector": {"celSelector": {"celExpressions": [expression]}}}
    return annotated("Placement", "digits", "vision", spec={"predicates": [selector]})


def tree() -> Objects:
    covey = {
        "app": {"image": f"quay.io/acme/digits@{DIGESTS[0]}"},
        "run": {"number": 1, "state": "Run"},
        "rounds": 5,
        "config": {"learning-rate": 0.1},
        "collaborators": {"min": 2, "clusterSets": ["hospitals"], "dataSet": "digits"},
        "templates": {"aggregator": DIGESTS[0]},
        "inputsDigest": DIGESTS[1],
    }
    grants = [{"cluster": "hospital-a"}, {"cluster": "hospital-b", "region": "eu"}]
    teams = [{"name": "vision", "team": "@acme/vision", "clusterSets": ["hospitals"]}]
    data_set = {"owner": "@acme/radiology", "namespaces": ["vision"], "grants": grants, "minCollaborators": 2}
    return {
        f"{JOB}/federatedlearning-digits.yaml": annotated(
            "FederatedLearning", "digits", "vision", spec={"framework": "flower", "covey": covey}
        ),
        f"{JOB}/placement-digits.yaml": placement("hospital-a", "hospital-b"),
        "rendered/_fleet/dataset-digits.yaml": annotated("DataSet", "digits", spec=data_set),
        "rendered/_fleet/fleet-acme.yaml": annotated("Fleet", "acme", spec={"namespaces": teams}),
        "rendered/_fleet/namespace-vision.yaml": annotated("Namespace", "vision"),
        "rendered/_fleet/namespace-covey-system.yaml": annotated("Namespace", "covey-system"),
    }


@pytest.fixture
def before() -> Objects:
    return tree()


@pytest.fixture
def after() -> Objects:
    return tree()


def learning(objects: Objects) -> Objects:
    covey: Objects = objects[f"{JOB}/federatedlearning-digits.yaml"]["spec"]["covey"]
    return covey


def only(difference: Difference) -> SubjectChange:
    assert len(difference.subjects) == 1
    return difference.subjects[0]


def test_nothing_changes_between_equal_trees(before: Objects, after: Objects) -> None:
    difference = compare(before, after)

    assert difference == Difference(())
    assert not difference.has_effect


def test_a_changed_job_says_what_in_words_and_whom_it_concerns(before: Objects, after: Objects) -> None:
    covey = learning(after)
    covey["rounds"] = 10
    covey["run"]["number"] = 2
    covey["app"]["image"] = f"quay.io/acme/digits@{DIGESTS[2]}"
    covey["collaborators"]["min"] = 3
    covey["collaborators"]["clusterSets"].append("clinics")
    covey["config"]["batch-size"] = 32
    covey["privacy"] = {"epsilon": 4}
    change = only(compare(before, after))

    assert (change.kind, change.name, change.action) == ("job", "vision/digits", Action.CHANGED)
    assert change.concerns == (
        ("team", "@acme/vision"),
        ("data set", "digits, owned by @acme/radiology"),
        ("cluster sets", "hospitals, clinics"),
        ("clusters", "hospital-a, hospital-b"),
    )
    assert change.notes == (
        "image digest changes: aaaaaaaaaaaa -> cccccccccccc",
        "collaborators: clusterSets gains clinics",
        "collaborators: min 2 -> 3",
        "config: batch-size added: 32",
        'privacy added: {"epsilon": 4}',
        "rounds 5 -> 10",
        "runs again: run 1 -> 2",
    )


@pytest.mark.parametrize(
    ("field", "value", "note"),
    [
        ("run", {"number": 1, "state": "Suspend"}, "run: state Run -> Suspend"),
        ("run", {"number": 0, "state": "Run"}, "run number is lowered, 1 -> 0: the hub ignores that"),
        (
            "app",
            {"image": "ghcr.io/x/y@" + DIGESTS[0]},
            f"image changes: quay.io/acme/digits@{DIGESTS[0]} -> ghcr.io/x/y@{DIGESTS[0]}",
        ),
        ("config", {}, "config: learning-rate removed (was 0.1)"),
        ("config", {"learning-rate": "a\nb"}, 'config: learning-rate 0.1 -> "a\\nb"'),
        ("config", {"learning-rate": "x" * 999}, "config: learning-rate 0.1 -> " + "x" * 119 + "…"),
    ],
)
def test_a_field_of_a_job_in_words(before: Objects, after: Objects, field: str, value: Any, note: str) -> None:
    learning(after)[field] = value

    assert only(compare(before, after)).notes == (note,)


def test_a_job_that_comes_or_goes_lists_its_objects(before: Objects, after: Objects) -> None:
    for path in list(before):
        if path.startswith(JOB):
            del before[path]
    added, removed = only(compare(before, after)), only(compare(after, before))

    assert (added.action, removed.action) == (Action.ADDED, Action.REMOVED)
    assert [(one.kind, one.action) for one in added.objects] == [
        ("FederatedLearning", Action.ADDED),
        ("Placement", Action.ADDED),
    ]
    assert added.notes == removed.notes == ()
    assert removed.concerns == added.concerns


def test_a_grant_shows_at_the_data_set_with_its_owner_and_at_the_job(before: Objects, after: Objects) -> None:
    grants = after["rendered/_fleet/dataset-digits.yaml"]["spec"]["grants"]
    grants.append({"cluster": "hospital-c", "region": "us"})
    grants[1]["region"] = "ch"
    del grants[0]
    after[f"{JOB}/placement-digits.yaml"] = placement("hospital-b", "hospital-c")
    data_set, job = compare(before, after).subjects

    assert (data_set.kind, data_set.name) == ("data set", "digits")
    assert data_set.concerns == (("owner", "@acme/radiology"), ("jobs", "vision/digits"))
    assert data_set.notes == (
        "grant withdrawn: hospital-a (owner @acme/radiology)",
        "grant hospital-b changes: region eu -> ch (owner @acme/radiology)",
        "grant added: hospital-c in us (owner @acme/radiology)",
    )
    assert job.notes == ("may now run on hospital-c", "may no longer run on hospital-a")


def test_a_data_set_opened_to_a_namespace_says_so(before: Objects, after: Objects) -> None:
    spec = after["rendered/_fleet/dataset-digits.yaml"]["spec"]
    spec["namespaces"] = ["retail"]
    spec["minCollaborators"] = 3

    assert only(compare(before, after)).notes == (
        "minCollaborators 2 -> 3",
        "may no longer be used by the namespace vision",
        "may now be used by the namespace retail",
    )


def test_the_fleet_level_is_told_apart_by_namespace(before: Objects, after: Objects) -> None:
    for path in ("namespace-vision", "namespace-covey-system"):
        after[f"rendered/_fleet/{path}.yaml"]["metadata"]["labels"] = {"a": "b"}
    after["rendered/_fleet/fleet-acme.yaml"]["spec"]["namespaces"][0]["team"] = "@acme/eyes"
    namespace, fleet = compare(before, after).subjects

    assert (namespace.kind, namespace.name, namespace.concerns) == (
        "namespace",
        "vision",
        (("team", "@acme/eyes"), ("jobs", "vision/digits")),
    )
    assert (fleet.kind, fleet.notes) == ("fleet", ("namespaces: [name=vision].team @acme/vision -> @acme/eyes",))
    assert [one.name for one in fleet.objects] == ["acme", "covey-system"]


def test_another_renderer_alone_has_no_effect(before: Objects, after: Objects) -> None:
    for path, value in after.items():
        if path.startswith(JOB):
            value["metadata"]["annotations"]["covey.dev/rendered-by"] = "covey/0.2.0"
    learning(after)["inputsDigest"] = DIGESTS[2]
    learning(after)["templates"] = {"aggregator": DIGESTS[2]}
    difference = compare(before, after)

    assert only(difference).action is Action.STAMPED
    assert [one.fields for one in only(difference).objects] == [(), ()]
    assert not difference.has_effect
    assert difference.renderers == ("covey/0.1.0", "covey/0.2.0")


def test_a_digest_that_changes_with_its_contents_is_not_hidden_from_effects(before: Objects, after: Objects) -> None:
    learning(after)["inputsDigest"] = DIGESTS[2]
    learning(after)["rounds"] = 6
    change = only(compare(before, after))

    assert change.action is Action.CHANGED
    assert [field.pointer for field in change.objects[0].fields] == ["/spec/covey/rounds"]


@pytest.mark.parametrize(
    "odd",
    [
        None,
        [],
        "text",
        {"kind": 5},
        {"kind": "Placement", "metadata": [], "spec": {"predicates": {"a": 1}}},
        {"kind": "Fleet", "spec": {"namespaces": [1, {"name": None}]}},
        {"kind": "FederatedLearning", "spec": {"covey": []}, "metadata": {"annotations": []}},
    ],
)
def test_files_of_any_shape_are_compared(before: Objects, after: Objects, odd: Any) -> None:
    for path in before:
        broken = copy.deepcopy(after)
        broken[path] = odd

        assert compare(before, broken).has_effect
        assert compare(broken, before).has_effect
        assert compare(broken, {}).has_effect

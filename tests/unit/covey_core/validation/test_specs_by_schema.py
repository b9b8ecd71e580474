"""Mistakes in our own specs that their schemas see, each with the sentence that the user reads."""

from __future__ import annotations

import copy

import pytest

import fleets
from covey_core.documents import Document
from covey_core.manifests import to_yaml
from covey_core.validation import Validator
from covey_schemas.catalog import bundled

VALIDATOR = Validator(bundled())
MISTAKES = [
    ("spec.rounds", 0, "`spec.rounds` must be at least 1, not 0."),
    ("spec.rounds", "5", '`spec.rounds` must be a whole number, not "5".'),
    ("spec.rounds", None, "`spec.rounds` must be a whole number, not null."),
    ("spec.rouns", 5, "Unknown field `rouns` in `spec`; did you mean `rounds`?"),
    ("spec.nonsense", {}, "Unknown field `nonsense` in `spec`."),
    ("spec.run", {"state": "pause"}, '`spec.run.state` must be Run, Suspend or Cancel, not "pause".'),
    (
        "spec.run",
        {"state": "cancel"},
        '`spec.run.state` must be Run, Suspend or Cancel, not "cancel". Did you mean Cancel?',
    ),
    ("spec.app.image", "quay.io/acme/digits:1", '`spec.app.image` can\'t be "quay.io/acme/digits:1".'),
    (
        "spec.collaborators.clusterSets",
        [],
        "`spec.collaborators.clusterSets` must have at least 1 item, and has no item.",
    ),
    ("spec.collaborators.clusterSets", ["a", "a"], "`spec.collaborators.clusterSets` has the same item twice."),
    ("spec.config", {"1st": 1}, "`spec.config` can't have a field `1st`."),
    ("spec.config", {"a": [1]}, "`spec.config.a` must be a string, a number or true or false, not a list."),
    ("metadata.name", "a" * 41, "`metadata.name` must have at most 40 characters, and has 41 characters."),
    (
        "spec.collaborators.require",
        [{"key": "region", "operator": "In"}],
        "`spec.collaborators.require[0]` lacks the field `values`, which is needed.",
    ),
]


def check(value, kind="FederatedJob"):
    return VALIDATOR.check_spec(Document("job.yaml", 0, value, to_yaml(value)), kind)


def changed(path, item):
    value = copy.deepcopy(fleets.JOB_VALUE)
    place = value
    *parents, last = path.split(".")
    for part in parents:
        place = place[part]
    place[last] = item
    return value


def test_good_specs_have_no_findings():
    assert check(fleets.JOB_VALUE) == ()
    assert check(fleets.DATA_SET_VALUE, "DataSet") == ()
    assert check(fleets.FLEET_VALUE, "Fleet") == ()


@pytest.mark.parametrize(("path", "item", "message"), MISTAKES)
def test_a_mistake_is_one_sentence(path, item, message):
    assert [found.message for found in check(changed(path, item))] == [message]


def test_a_misspelt_field_is_told_once_at_its_name():
    value = copy.deepcopy(fleets.JOB_VALUE)
    value["spec"]["runtme"] = value["spec"].pop("runtime")

    (found,) = check(value)

    assert found.message == "Unknown field `runtme` in `spec`; did you mean `runtime`?"
    assert found.pointer == "/spec/runtme"
    line = to_yaml(value).splitlines()[found.position.line - 1]
    assert line[found.position.column - 1 :].startswith("runtme:")


def test_a_hint_says_what_the_schema_says_and_gives_an_example():
    (found,) = check(changed("spec.app.image", "latest"))

    assert found.hint.startswith(
        "The app's image, named by digest so that what was reviewed is what runs. For example "
    )


def test_all_mistakes_are_told_at_once():
    value = changed("spec.rounds", 0)
    value["spec"]["collaborators"]["min"] = "two"
    value["metadata"]["nmae"] = "x"

    assert [found.pointer for found in check(value)] == ["/metadata/nmae", "/spec/collaborators/min", "/spec/rounds"]


@pytest.mark.parametrize("value", [None, [], "text", 7, {}, {"spec": None}])
def test_any_value_gets_findings_and_no_exception(value):
    assert VALIDATOR.check_spec(Document("job.yaml", 0, value, ""), "FederatedJob")

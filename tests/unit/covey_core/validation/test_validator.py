"""The validator on values that no good file holds, and on schemas that can't be used."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from covey_core.documents import Document
from covey_core.reading import read
from covey_core.validation import Validator
from covey_schemas.catalog import bundled, from_crds

VALIDATOR = Validator(bundled())
DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "labels": {"a": "b"}},
    "spec": {
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {
                "containers": [{"name": "web", "image": "x", "env": [{"name": "A"}], "ports": [{"containerPort": 1}]}]
            },
        },
    },
}
LEARNING = {
    "apiVersion": "federation-ai.open-cluster-management.io/v1alpha1",
    "kind": "FederatedLearning",
    "metadata": {"name": "x", "namespace": "y"},
    "spec": {"framework": "flower", "server": {"image": "x"}, "covey": {"rounds": 1}},
}
WORK = {
    "apiVersion": "work.open-cluster-management.io/v1",
    "kind": "ManifestWork",
    "metadata": {"name": "x", "namespace": "y"},
    "spec": {"workload": {"manifests": [DEPLOYMENT]}},
}
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)


def check(value, validator=VALIDATOR):
    return validator.check(Document("x.yaml", 0, value, ""))


def places(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def put(value, path, item):
    if not path:
        return item
    changed = copy.deepcopy(value)
    place = changed
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = item
    return changed


def test_the_starting_points_are_good():
    assert check(DEPLOYMENT) == ()
    assert check(WORK) == ()


@settings(max_examples=300)
@given(st.data())
def test_any_value_in_any_place_gets_findings_and_no_exception(data):
    start = data.draw(st.sampled_from([DEPLOYMENT, LEARNING, WORK]))
    value = put(start, data.draw(st.sampled_from(list(places(start)))), data.draw(VALUES))

    for found in check(value):
        assert found.message.endswith((".", "?", "!", ")")) or found.rule == "cel/rule"
        assert "\n" not in found.message + found.hint


@given(VALUES)
def test_any_document_gets_an_answer(value):
    findings = check(value)

    assert findings or (isinstance(value, dict) and value.get("items") == [])


@pytest.mark.parametrize("odd", [{1: 2}, "\ud800", b"bytes", {"a": {None: 1}}])
def test_what_no_yaml_holds_is_a_finding_too(odd):
    assert check(put(DEPLOYMENT, ("metadata", "labels", "a"), odd))
    assert VALIDATOR.check_spec(Document("x.yaml", 0, {"spec": odd}, ""), "Fleet")


@pytest.mark.parametrize("null", ["replicas", "strategy"])
def test_null_is_the_same_as_not_given(null):
    assert check(put(DEPLOYMENT, ("spec", null), None)) == ()


def test_every_finding_is_at_its_line_in_a_file_with_many_documents():
    text = "---\n".join(["apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"] * 3)
    text += "---\n# a comment\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  x: 1\n"
    *_, last = read("x.yaml", text.encode(), strict=False).documents

    (found,) = VALIDATOR.check(last)

    assert (found.position.line, found.position.column, found.pointer) == (19, 6, "/data/x")


def crd(**spec):
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "things.example.com"},
        "spec": {
            "group": "example.com",
            "scope": "Namespaced",
            "names": {"kind": "Thing", "plural": "things"},
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": {"type": "object", **spec}},
                }
            ],
        },
    }


def test_a_schema_that_can_not_be_compiled_is_an_error_on_every_object_of_its_kind():
    broken = from_crds([crd(properties={"spec": {"type": "string", "pattern": "("}})], "a test")
    thing = {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "x"}, "spec": "y"}

    validator = Validator(broken)
    (found,) = check(thing, validator)

    assert check(thing, validator) == (found,)
    assert (found.rule, found.severity) == ("schema/unusable", "error")
    assert check({**thing, "kind": ["Thing"]}, validator)[0].rule == "k8s/not-a-manifest"
    assert "a test" in found.hint


def test_schemas_alone_look_at_nothing_else():
    value = put(WORK, ("spec", "workload", "manifests", 0, "metadata", "name"), "Not A Name")

    assert check(value)
    assert check(value, Validator(bundled(), cel=False, extras=False)) == ()

"""Reading CRDs: what becomes of good ones, and the sentence for each kind of bad one."""

from __future__ import annotations

import copy

import jsonschema_rs
import pytest

from covey_schemas import catalog
from covey_schemas.model import KindName

WIDGET = KindName("example.dev", "v1", "Widget")
CRD = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.dev"},
    "spec": {
        "group": "example.dev",
        "scope": "Namespaced",
        "names": {"kind": "Widget", "plural": "widgets"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "required": ["spec"],
                        "properties": {
                            "apiVersion": {"type": "string"},
                            "kind": {"type": "string"},
                            "metadata": {"type": "object"},
                            "spec": {
                                "type": "object",
                                "required": ["size", "colour"],
                                "properties": {
                                    "size": {"type": "integer", "format": "int32", "minimum": 1},
                                    "colour": {"type": "string", "enum": ["red", "blue"], "default": "red"},
                                    "parts": {
                                        "type": "array",
                                        "x-kubernetes-list-type": "map",
                                        "x-kubernetes-list-map-keys": ["name"],
                                        "items": {
                                            "type": "object",
                                            "required": ["name"],
                                            "properties": {"name": {"type": "string"}},
                                        },
                                    },
                                },
                            },
                        },
                    },
                },
            },
            {"name": "v1alpha1", "served": False, "storage": False, "schema": {"openAPIV3Schema": {"type": "object"}}},
        ],
    },
}


def changed(path, value):
    """The CRD with `value` at `path`; None takes the key away."""
    crd = copy.deepcopy(CRD)
    place = crd
    for part in path[:-1]:
        place = place[part]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return crd


SCHEMA = ("spec", "versions", 0, "schema", "openAPIV3Schema")
SPEC = (*SCHEMA, "properties", "spec")


def widget(**spec):
    return {"apiVersion": "example.dev/v1", "kind": "Widget", "metadata": {"name": "a"}, "spec": spec}


def messages(crd, item):
    schema = catalog.from_crds([crd], "test").find(WIDGET).schema
    return [error.message for error in jsonschema_rs.Draft202012Validator(schema).iter_errors(item)]


def test_a_good_crd_gives_a_closed_schema_with_defaults_and_list_keys():
    found = catalog.from_crds([CRD], "a folder").find(WIDGET)
    assert (found.origin, found.namespaced, found.cel) == ("a folder", True, False)
    spec = found.schema["properties"]["spec"]
    assert spec["additionalProperties"] is False
    assert spec["properties"]["colour"]["default"] == "red"
    assert spec["properties"]["parts"]["x-kubernetes-list-map-keys"] == ["name"]


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (widget(size=1), None),
        (widget(size=1, colour=None, parts=[{"name": "a"}]), None),
        (widget(size=0), "0 is less than the minimum of 1"),
        (widget(size=1, color="red"), "Additional properties are not allowed ('color' was unexpected)"),
        (widget(colour="red"), '"size" is a required property'),
        (widget(size=1, parts=[{"nam": "a"}]), "Additional properties are not allowed ('nam' was unexpected)"),
        (widget(size=1) | {"metadata": {"nme": "a"}}, "Additional properties are not allowed ('nme' was unexpected)"),
        (widget(size=1) | {"kind": "Gadget"}, '"Widget" was expected'),
    ],
)
def test_objects_are_checked_as_the_api_server_would(item, message):
    found = messages(CRD, item)
    assert message in found if message else found == []


def test_only_served_versions_are_kinds():
    assert catalog.from_crds([CRD], "test").kinds() == (WIDGET,)


def test_a_version_that_is_not_served_is_not_looked_at():
    assert catalog.from_crds([changed(("spec", "versions", 1, "schema"), {"openAPIV3Schema": 3})], "test").kinds()


def test_cel_rules_are_kept_and_told():
    rules = [{"rule": "self.size < 10", "message": "Too big."}]
    found = catalog.from_crds([changed((*SPEC, "x-kubernetes-validations"), rules)], "test").find(WIDGET)
    assert found.cel
    assert found.schema["properties"]["spec"]["x-kubernetes-validations"] == rules


def test_the_scope_is_kept():
    assert not catalog.from_crds([changed(("spec", "scope"), "Cluster")], "test").find(WIDGET).namespaced


def test_a_list_as_kubectl_writes_it_is_taken_apart():
    for kind in ("List", "CustomResourceDefinitionList"):
        assert catalog.from_crds([{"apiVersion": "v1", "kind": kind, "items": [CRD]}], "test").kinds() == (WIDGET,)


def test_keywords_that_are_null_count_as_not_given():
    crd = changed((*SPEC, "properties", "size"), {"x-kubernetes-int-or-string": True, "anyOf": None, "pattern": None})
    assert messages(crd, widget(size="a")) == []


def test_null_may_stand_among_the_values_of_an_enumeration():
    crd = changed((*SPEC, "anyOf"), [{"properties": {"parts": {"enum": [None]}}}, {"required": ["parts"]}])
    assert messages(crd, widget(size=1, parts=None)) == []


def test_of_two_crds_for_a_kind_the_later_counts():
    later = changed((*SPEC, "properties", "size", "minimum"), 5)
    schema = catalog.from_crds([CRD, later], "test").find(WIDGET).schema
    assert schema["properties"]["spec"]["properties"]["size"]["minimum"] == 5


def test_what_is_handed_in_stays_as_it_is():
    before = repr(CRD)
    catalog.from_crds([CRD], "test").find(WIDGET)
    assert repr(CRD) == before


AT = "The CRD widgets.example.dev: spec.versions[0]"


@pytest.mark.parametrize(
    ("crd", "sentence"),
    [
        ("text", "This is no CustomResourceDefinition: the document is not an object."),
        ({}, "This is no CustomResourceDefinition but an object without kind."),
        ({"kind": "Secret"}, "This is no CustomResourceDefinition but Secret."),
        (
            changed(("apiVersion",), "apiextensions.k8s.io/v1beta1"),
            (
                "The CRD widgets.example.dev has apiVersion apiextensions.k8s.io/v1beta1; "
                "only apiextensions.k8s.io/v1 can be read."
            ),
        ),
        (changed(("spec",), "x"), "The CRD widgets.example.dev: spec must be an object."),
        (changed(("metadata",), None), "The CRD without a name: metadata must be an object."),
        (
            changed(("metadata", "name"), None),
            "The CRD without a name: metadata.name must be a text that is not empty.",
        ),
        (
            changed(("spec", "group"), "../../etc"),
            "The CRD widgets.example.dev: spec.group is '../../etc', which the API server does not take as a name.",
        ),
        (
            changed(("spec", "names", "kind"), "a/b"),
            "The CRD widgets.example.dev: spec.names.kind is 'a/b', which the API server does not take as a name.",
        ),
        (
            changed(("spec", "versions", 0, "name"), ".."),
            f"{AT}.name is '..', which the API server does not take as a name.",
        ),
        (changed(("spec", "group"), ""), "The CRD widgets.example.dev: spec.group must be a text that is not empty."),
        (changed(("spec", "names"), None), "The CRD widgets.example.dev: spec.names must be an object."),
        (
            changed(("spec", "names", "kind"), 1),
            "The CRD widgets.example.dev: spec.names.kind must be a text that is not empty.",
        ),
        (
            changed(("spec", "scope"), "World"),
            "The CRD widgets.example.dev: spec.scope must be Namespaced or Cluster, not World.",
        ),
        (
            changed(("spec", "versions"), []),
            "The CRD widgets.example.dev: spec.versions must be a list with at least one version.",
        ),
        (changed(("spec", "versions", 0), 1), f"{AT} must be an object."),
        (changed(("spec", "versions", 0, "name"), None), f"{AT}.name must be a text that is not empty."),
        (changed(("spec", "versions", 0, "served"), "yes"), f"{AT}.served must be true or false."),
        (changed(("spec", "versions", 0, "schema"), None), f"{AT}.schema must be an object."),
        (changed(SCHEMA, None), f"{AT}.schema.openAPIV3Schema must be an object."),
        (
            changed((*SCHEMA, "type"), "array"),
            f"{AT}.schema.openAPIV3Schema.type must be object, not array.",
        ),
        (
            changed((*SPEC, "properties"), ["size"]),
            f"{AT}.schema.openAPIV3Schema.properties.spec.properties must be an object.",
        ),
        (
            changed((*SPEC, "properties", "size"), "integer"),
            f"{AT}.schema.openAPIV3Schema.properties.spec.properties.size must be an object.",
        ),
        (
            changed((*SPEC, "properties", "size", "type"), "int"),
            (
                f"{AT}.schema.openAPIV3Schema.properties.spec.properties.size.type must be one of "
                "array, boolean, integer, number, object, string, not int."
            ),
        ),
        (
            changed((*SPEC, "properties", "parts", "items"), None),
            f"{AT}.schema.openAPIV3Schema.properties.spec.properties.parts.items must say what the array holds.",
        ),
        (
            changed((*SPEC, "$ref"), "#/definitions/Other"),
            f"{AT}.schema.openAPIV3Schema.properties.spec.$ref is not allowed in a structural schema.",
        ),
        (
            changed((*SPEC, "required"), "size"),
            f"{AT}.schema.openAPIV3Schema.properties.spec.required must be a list.",
        ),
        (
            changed((*SPEC, "required"), [1]),
            f"{AT}.schema.openAPIV3Schema.properties.spec.required must hold names of fields only.",
        ),
        (
            changed((*SPEC, "properties", "colour", "pattern"), 1),
            f"{AT}.schema.openAPIV3Schema.properties.spec.properties.colour.pattern must be a text.",
        ),
        (
            changed((*SPEC, "maxProperties"), -1),
            f"{AT}.schema.openAPIV3Schema.properties.spec.maxProperties must be a whole number of at least 0, not -1.",
        ),
        (
            changed((*SPEC, "properties", "size", "minimum"), "1"),
            f"{AT}.schema.openAPIV3Schema.properties.spec.properties.size.minimum must be a number, not 1.",
        ),
        (
            changed((*SPEC, "oneOf"), [1]),
            f"{AT}.schema.openAPIV3Schema.properties.spec.oneOf[0] must be an object.",
        ),
    ],
)
def test_a_bad_crd_is_refused_in_one_sentence(crd, sentence):
    with pytest.raises(ValueError, match=r".") as caught:
        catalog.from_crds([crd], "test")
    assert str(caught.value) == sentence


def test_a_schema_nested_without_end_is_refused():
    schema = {"type": "object"}
    for _ in range(400):
        schema = {"type": "object", "properties": {"a": schema}}
    with pytest.raises(ValueError, match="is nested deeper than 100 levels"):
        catalog.from_crds([changed(SPEC, schema)], "test")

"""Closing a structural schema: what is then refused, and what must stay allowed."""

from __future__ import annotations

import jsonschema_rs
import pytest

from covey_schemas import structural


def accepts(schema, value):
    return jsonschema_rs.Draft202012Validator(structural.closed(schema)).is_valid(value)


def field(schema, **others):
    return {"type": "object", "properties": {"a": schema}, **others}


def test_an_unknown_field_is_refused_however_deep():
    schema = field(field({"type": "array", "items": field(field({"type": "string"}))}))
    assert accepts(schema, {"a": {"a": [{"a": {"a": "text"}}]}})
    assert not accepts(schema, {"a": {"a": [{"a": {"b": "text"}}]}})


def test_an_object_without_fields_is_closed():
    assert accepts({"type": "object"}, {})
    assert not accepts({"type": "object"}, {"a": 1})


def test_a_map_takes_any_key_and_checks_its_values():
    schema = {"type": "object", "additionalProperties": {"type": "string"}}
    assert accepts(schema, {"any": "text"})
    assert not accepts(schema, {"any": 1})
    assert accepts({"type": "object", "additionalProperties": True}, {"any": [1]})


def test_unknown_fields_may_be_preserved_while_known_ones_are_still_checked():
    schema = field(field({"type": "integer"}), **{"x-kubernetes-preserve-unknown-fields": True})
    assert accepts(schema, {"b": [1], "a": {"a": 1}})
    assert not accepts(schema, {"a": {"a": "text"}})
    assert not accepts(schema, {"a": {"b": 1}})


def test_anything_goes_where_no_type_is_given():
    schema = {"x-kubernetes-preserve-unknown-fields": True}
    assert all(accepts(schema, value) for value in (1, "text", None, [1], {"a": 1}))


def test_null_means_not_given_where_a_field_is_optional():
    assert accepts(field({"type": "string"}), {"a": None})
    assert accepts(field({"type": "string", "enum": ["x"]}), {"a": None})
    assert accepts(field({"x-kubernetes-int-or-string": True}), {"a": None})


def test_null_is_refused_where_something_must_be():
    assert not accepts(field({"type": "string"}, required=["a"]), {"a": None})
    assert not accepts({"type": "array", "items": {"type": "string"}}, [None])
    assert not accepts({"type": "object", "additionalProperties": {"type": "string"}}, {"a": None})


def test_null_is_a_value_where_the_schema_is_nullable():
    assert accepts(field({"type": "string", "nullable": True}, required=["a"]), {"a": None})
    assert accepts({"type": "array", "items": {"type": "string", "enum": ["x"], "nullable": True}}, [None, "x"])


def test_a_required_field_with_a_default_may_be_left_out():
    schema = field({"type": "string", "default": "x"}, required=["a"])
    assert accepts(schema, {})
    assert accepts(schema, {"a": None})
    assert not accepts(field({"type": "string"}, required=["a"]), {})


@pytest.mark.parametrize(("value", "ok"), [(1, True), ("50%", True), (1.5, False), ([], False), (True, False)])
def test_int_or_string_is_one_of_the_two(value, ok):
    crd_form = {"anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": True}
    assert accepts(crd_form, value) is ok
    assert accepts({"format": "int-or-string"}, value) is ok
    assert "anyOf" not in structural.closed(crd_form)


def test_a_pattern_of_an_int_or_string_counts_for_text_only():
    schema = {"x-kubernetes-int-or-string": True, "pattern": "^[0-9]+%$"}
    assert accepts(schema, 7)
    assert accepts(schema, "7%")
    assert not accepts(schema, "7")


def test_exclusive_bounds_of_crds_become_numbers():
    schema = {"type": "integer", "minimum": 0, "exclusiveMinimum": True, "maximum": 9, "exclusiveMaximum": False}
    assert [value for value in range(-1, 11) if accepts(schema, value)] == list(range(1, 10))


def test_conditions_in_alternatives_check_values_and_close_nothing():
    schema = field({"type": "string"}) | {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}
    schema["properties"]["b"] = {"type": "integer"}
    assert accepts(schema, {"a": "text"})
    assert not accepts(schema, {"a": "text", "b": 1})
    assert not accepts(schema, {})
    nested = field({"type": "string"}) | {"not": {"properties": {"a": {"enum": ["x"]}}}}
    assert accepts(nested, {"a": "y"})
    assert not accepts(nested, {"a": "x"})


@pytest.mark.parametrize(
    ("value", "ok"),
    [
        ("2026-11-23T05:00:00Z", True),
        ("2026-11-23T05:00:00.123456Z", True),
        ("2026-11-23T05:00:00+01:00", True),
        ("2026-11-23 05:00:00Z", False),
        ("2026-11-23", False),
        ("2026-13-23T05:00:00Z", False),
        ("2026-11-23T24:00:00Z", False),
        ("", False),
    ],
)
def test_a_time_is_written_as_rfc_3339_says(value, ok):
    assert accepts({"type": "string", "format": "date-time"}, value) is ok


def test_a_32_bit_number_is_bounded_and_keeps_its_own_bounds():
    schema = {"type": "integer", "format": "int32", "minimum": 1}
    assert [accepts(schema, value) for value in (0, 1, 2**31 - 1, 2**31)] == [False, True, True, False]
    assert accepts({"type": "integer", "format": "int64"}, 2**31)


@pytest.mark.parametrize(
    ("value", "ok"), [("YQ==", True), ("YWJj", True), ("YWJ", False), ("", False), ("Y Q=", False)]
)
def test_bytes_are_base64(value, ok):
    assert accepts({"type": "string", "format": "byte"}, value) is ok


def test_null_counts_as_not_given_in_conditions_too():
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
        "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
    }
    assert accepts(schema, {"a": "x", "b": None})
    assert not accepts(schema, {"a": None})
    assert accepts(field(schema), {"a": None})
    assert not accepts(field(schema), {"a": {}})
    limited = field({"type": "string"}) | {"allOf": [{"properties": {"a": {"enum": ["x"]}}}]}
    assert accepts(limited, {"a": None})
    assert not accepts(limited, {"a": "y"})


def test_an_embedded_object_must_say_its_kind_and_has_kubernetes_metadata():
    schema = {
        "type": "object",
        "x-kubernetes-embedded-resource": True,
        "x-kubernetes-preserve-unknown-fields": True,
    }
    closed = structural.closed(schema)
    assert closed["required"] == ["apiVersion", "kind"]
    assert closed["properties"]["metadata"] == {"$ref": "#/$defs/meta.v1.ObjectMeta"}
    assert closed["x-kubernetes-embedded-resource"] is True


def test_what_kubernetes_adds_and_what_defaults_say_is_kept():
    rules = [{"rule": "self.a != ''", "message": "Give a."}]
    schema = field({"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set", "default": []})
    closed = structural.closed(schema | {"x-kubernetes-validations": rules, "description": "prose"})
    assert closed["x-kubernetes-validations"] == rules
    assert closed["properties"]["a"]["x-kubernetes-list-type"] == "set"
    assert closed["properties"]["a"]["default"] == []
    assert "description" not in closed


def test_the_name_of_a_custom_resource_may_be_limited_by_its_crd():
    schema = {"type": "object", "properties": {"metadata": field({"type": "string", "maxLength": 3})}}
    metadata = structural.custom(schema, api_version="a/v1", kind="B")["properties"]["metadata"]
    assert metadata["$ref"] == "#/$defs/meta.v1.ObjectMeta"
    assert metadata["type"] == "object"
    assert metadata["properties"]["a"]["maxLength"] == 3
    assert "additionalProperties" not in metadata


def test_the_schema_that_was_given_is_left_as_it_was():
    schema = field({"type": "string", "enum": ["x"]}, required=["a"])
    before = repr(schema)
    structural.custom(schema, api_version="a/v1", kind="B")
    assert repr(schema) == before

"""Each kind of schema error as the sentence that people read."""

from __future__ import annotations

import pytest

from covey_core.validation.compiled import Compiled

TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
TAGGED = {
    "oneOf": [
        {"properties": {"type": {"const": "file"}, "path": TEXT}, "required": ["path"]},
        {"properties": {"type": {"const": "port"}, "port": WHOLE}, "required": ["port"]},
    ]
}
ROWS = [
    ({"anyOf": [TEXT, WHOLE]}, [], "`x` must be a string or a whole number, not an empty list."),
    ({"anyOf": [{"const": "a"}, {"enum": ["b", "c"]}]}, "d", '`x` must be "a", "b" or "c", not "d".'),
    ({"anyOf": [{"required": ["a"]}, {"required": ["b", "c"]}]}, {}, "`x` needs `a` or `b` with `c`."),
    (
        {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
        {"a": 1, "b": 1},
        "`x` fits several alternatives that exclude each other: keep one of them.",
    ),
    (
        {"anyOf": [{"minLength": 3}, {"pattern": "^a"}]},
        "b",
        "`x` fits none of the 2 alternatives that are allowed there.",
    ),
    (TAGGED, {"type": "port", "port": "80"}, '`x.port` must be a whole number, not "80".'),
    (TAGGED, {"type": "file"}, "`x` lacks the field `path`, which is needed."),
    ({"not": {"required": ["a"]}}, {"a": 1}, "`x` may not have `a`."),
    ({"not": {"required": ["a", "b"]}}, {"a": 1, "b": 1}, "`x` may not have all of a, b."),
    ({"not": {"const": 1}}, 1, "`x` has a value that is not allowed there."),
    ({"contains": {"const": 1}}, [2], "`x` lacks an item that is needed."),
    ({"multipleOf": 5}, 7, "`x` must be a multiple of 5, not 7."),
    ({"exclusiveMinimum": 0}, 0, "`x` must be more than 0, not 0."),
    ({"exclusiveMaximum": 1}, 1.5, "`x` must be less than 1, not 1.5."),
    ({"minLength": 1}, "", "`x` must have at least 1 character, and has no character."),
    ({"maxItems": 1}, [1, 2], "`x` must have at most 1 item, and has 2 items."),
    ({"minProperties": 1}, {}, "`x` must have at least 1 field, and has no field."),
    ({"const": "v1"}, "v2", '`x` must be v1, not "v2".'),
    ({"type": "boolean"}, "true", '`x` must be true or false, not "true".'),
    ({"properties": {"a": False}}, {"a": 1}, "Unknown field `a` in `x`."),
    ({"prefixItems": [{}], "items": False}, [1, 2], "`x[1]` may not be there."),
    (
        {"unevaluatedProperties": False, "properties": {"size": {}}},
        {"sise": 1},
        "Unknown field `sise` in `x`; did you mean `size`?",
    ),
    ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, "`x` lacks the field `b`, which is needed."),
    ({"type": "string"}, 7, "`x` must be a string, not 7."),
    ({"enum": ["a"]}, "b\x1b[31m\u202e", '`x` must be a, not "b\\u001b[31m\\u202e".'),
    ({"enum": ["a"]}, "b" * 100, f'`x` must be a, not "{"b" * 59}…".'),
    ({"$ref": "#/$defs/part"}, {"nmae": 1}, "Unknown field `nmae` in `x`; did you mean `name`?"),
]
HINTS = [
    ({"type": "string"}, 7, 'Quote it: "7".'),
    ({"type": "integer"}, "-7", "Write it without quotes: -7."),
    ({"type": "boolean"}, "true", "Write it without quotes: true."),
    ({"pattern": "^a$"}, "b", "It must match ^a$"),
    ({"pattern": "^a$", "description": "An a.", "examples": ["a"]}, "b", 'An a. For example "a".'),
    ({"maximum": 1, "description": f"First. {'More. ' * 60}"}, 2, "First."),
    (
        {"additionalProperties": False, "properties": {"a": {}, "b": {}}},
        {"zzz": 1},
        "The fields there are `a` and `b`.",
    ),
    (
        {"required": ["a"], "properties": {"a": {"description": "The a.", "examples": [5]}}},
        {},
        "The a. For example `a: 5`.",
    ),
]


def problems(schema, value, **options):
    root = {
        "properties": {"x": schema},
        "$defs": {"part": {"type": "object", "properties": {"name": {}}, "additionalProperties": False}},
    }
    return Compiled(root, **options).misfits({"x": value})[0]


@pytest.mark.parametrize(("schema", "value", "sentence"), ROWS)
def test_an_error_is_one_sentence(schema, value, sentence):
    assert [found.message for found in problems(schema, value)] == [sentence]


@pytest.mark.parametrize(("schema", "value", "hint"), HINTS)
def test_a_hint_says_what_to_write(schema, value, hint):
    assert [found.hint for found in problems(schema, value)] == [hint]


@pytest.mark.parametrize(
    "schema", [{"type": "integer"}, {"enum": ["a"]}, {"pattern": "^a"}, {"maxLength": 1}, {"const": 1}]
)
def test_a_secrets_values_stay_out_of_the_sentences(schema):
    (found,) = problems(schema, "swordfish", secretive=True)

    assert "swordfish" not in found.message + found.hint

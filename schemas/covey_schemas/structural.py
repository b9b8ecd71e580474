"""From a structural schema (a CRD's, Kubernetes' OpenAPI) to a closed JSON Schema 2020-12; pure.

Closed means: a field that the API server does not know is an error. Optional fields may be null, because the API server
reads null there as "not given"; required fields, list items and the values of maps may not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import formats

if TYPE_CHECKING:
    from collections.abc import Mapping


_METADATA_REF = "#/$defs/meta.v1.ObjectMeta"
_KEPT = (
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "default",
    "nullable",
    "if",
    "then",
)
_JUNCTORS = ("allOf", "anyOf", "oneOf")
_INT_OR_STRING = ({"type": "integer"}, {"type": "string"})


def closed(schema: Mapping[str, Any], *, null: bool = False) -> dict[str, Any]:
    """The closed form of one node; `null` says whether null is allowed in its place."""
    if "$ref" in schema:
        return _reference(schema, null=null)
    null = null or schema.get("nullable") is True
    result: dict[str, Any] = {}
    types = _types(schema)
    if types:
        types = [*types, "null"] if null else types
        result["type"] = types[0] if len(types) == 1 else types
    if "enum" in schema:
        result["enum"] = [*schema["enum"], None] if null and None not in schema["enum"] else list(schema["enum"])
    result |= {key: schema[key] for key in _KEPT if key in schema}
    result |= formats.limits(schema) | _bounds(schema) | _extensions(schema) | _children(schema)
    conditions = _junctors(schema)
    return result | (_unless_null(conditions) if null and conditions else conditions)


def custom(schema: Mapping[str, Any], *, api_version: str, kind: str) -> dict[str, Any]:
    """The closed form of a custom resource, whose metadata is Kubernetes' ObjectMeta."""
    result = closed(schema)
    own = result.get("properties", {})
    metadata: dict[str, Any] = {"$ref": _METADATA_REF}
    limits = own.get("metadata", {}).get("properties")
    if limits:  # a CRD may limit the name, and nothing else of metadata
        metadata["properties"] = limits
    return named(result | {"properties": own | {"metadata": metadata}}, api_version=api_version, kind=kind)


def named(schema: Mapping[str, Any], *, api_version: str, kind: str) -> dict[str, Any]:
    """A whole object: it is never null, what it is called is fixed, and it has metadata (a list need not)."""
    properties = schema["properties"] | {"apiVersion": {"const": api_version}, "kind": {"const": kind}}
    required = ["apiVersion", "kind"]
    if properties.get("metadata", {}).get("$ref") == _METADATA_REF:
        properties["metadata"] = properties["metadata"] | {"type": "object"}
        required.append("metadata")
    required += [name for name in schema.get("required", ()) if name not in required]
    return {**schema, "type": "object", "properties": properties, "required": required}


def _reference(schema: Mapping[str, Any], *, null: bool) -> dict[str, Any]:
    """A definition allows null (see `definition`), so a place that doesn't says so beside the reference."""
    result: dict[str, Any] = {"$ref": schema["$ref"]}
    if not null and not schema.get("nullable"):
        result["type"] = "object"
    return result | {key: schema[key] for key in ("default", "nullable") if key in schema} | _extensions(schema)


def _types(schema: Mapping[str, Any]) -> list[str]:
    if is_int_or_string(schema):
        return ["integer", "string"]
    found = schema.get("type")
    return [found] if isinstance(found, str) and found else list(found or ())


def is_int_or_string(schema: Mapping[str, Any]) -> bool:
    return schema.get("x-kubernetes-int-or-string") is True or schema.get("format") == "int-or-string"


def _bounds(schema: Mapping[str, Any]) -> dict[str, Any]:
    """CRDs write exclusive bounds as a boolean beside the bound, JSON Schema 2020-12 as a number of its own."""
    result: dict[str, Any] = {}
    for name, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if name in schema:
            result[exclusive if schema.get(exclusive) is True else name] = schema[name]
    return result


def _extensions(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key.startswith("x-kubernetes-")}


def _children(schema: Mapping[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    properties = schema.get("properties", {})
    required = [name for name in schema.get("required", ()) if "default" not in properties.get(name, {})]
    if required:  # the API server fills in defaults before it looks for what is missing
        result["required"] = required
    if properties:
        result["properties"] = {name: closed(item, null=name not in required) for name, item in properties.items()}
    if isinstance(schema.get("items"), dict):
        result["items"] = closed(schema["items"])
    if isinstance(schema.get("additionalProperties"), dict):
        result["additionalProperties"] = closed(schema["additionalProperties"])
    elif _is_closed(schema):
        result["additionalProperties"] = False
    if schema.get("x-kubernetes-embedded-resource") is True:
        _embed(result)
    return result


def _is_closed(schema: Mapping[str, Any]) -> bool:
    preserved = schema.get("x-kubernetes-preserve-unknown-fields") is True
    return schema.get("type") == "object" and not preserved and "additionalProperties" not in schema


def _embed(result: dict[str, Any]) -> None:
    """A whole object inside another one: the API server wants its kind and checks its metadata."""
    text = {"type": "string", "minLength": 1}
    metadata = {"$ref": _METADATA_REF}
    result["properties"] = {"metadata": metadata} | result.get("properties", {}) | {"apiVersion": text, "kind": text}
    result["required"] = sorted({"apiVersion", "kind", *result.get("required", ())})


def _junctors(schema: Mapping[str, Any]) -> dict[str, Any]:
    """allOf, anyOf, oneOf and not hold conditions on values only: they are kept, and never close anything."""
    result: dict[str, Any] = {}
    for key in _JUNCTORS:
        branches = schema.get(key)
        if branches and not (is_int_or_string(schema) and tuple(branches) == _INT_OR_STRING):
            result[key] = [_condition(branch) for branch in branches]
    if "not" in schema:
        result["not"] = _condition(schema["not"])
    return result


def _condition(schema: Mapping[str, Any]) -> dict[str, Any]:
    result = {key: value for key, value in schema.items() if key not in _DEEP}
    result |= _bounds(schema) | _junctors(schema)
    properties = {name: _unless_null(_condition(item)) for name, item in schema.get("properties", {}).items()}
    for name in schema.get("required", ()):
        properties[name] = {**properties.get(name, {}), "not": {"type": "null"}}
    if properties:
        result["properties"] = properties
    for key in ("items", "additionalProperties"):
        if key in schema:
            result[key] = _condition(schema[key]) if isinstance(schema[key], dict) else schema[key]
    return result


def _unless_null(condition: dict[str, Any]) -> dict[str, Any]:
    """The same condition for a field that may be null, which counts as not given."""
    return {"if": {"type": "null"}, "else": condition}


_DEEP = frozenset(
    {"properties", "items", "additionalProperties", "not", *_JUNCTORS}
    | {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "description", "title", "example"},
)


def definition(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The closed form of a shared definition: an object that may be null where its reference does not forbid it."""
    return closed(schema, null=True)

"""The defaults of a structural schema, filled in before rules see an object."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from covey_core.validation.branches import resolved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covey_core.validation.branches import Schema


def with_defaults(value: Any, schema: Schema, root: Schema) -> Any:
    """A copy of `value` with defaults for absent fields, and without nulls where null means absent."""
    schema = resolved(schema, root)
    if isinstance(value, dict):
        return _mapping(value, schema, root)
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        return [with_defaults(item, schema["items"], root) for item in value]
    return value


def _mapping(value: dict[str, Any], schema: Schema, root: Schema) -> dict[str, Any]:
    fields: dict[str, Schema] = schema.get("properties", {})
    others = schema.get("additionalProperties")
    result: dict[str, Any] = {}
    for name, item in value.items():
        below = fields.get(name, others)
        if isinstance(item, dict | list) and isinstance(below, dict):
            result[name] = with_defaults(item, below, root)
        elif item is not None or not isinstance(below, dict) or resolved(below, root).get("nullable") is True:
            result[name] = item
    for name, field in fields.items():
        if name not in result and (default := _default(field, root)) is not None:
            result[name] = with_defaults(copy.deepcopy(default), field, root)
    return result


def _default(field: Any, root: Schema) -> Any:
    if not isinstance(field, dict):
        return None
    return field["default"] if "default" in field else resolved(field, root).get("default") if "$ref" in field else None


def large_defaults(schema: Any) -> Iterator[Schema]:
    """The parts of a schema whose default is a mapping or a list, and so may bring fields that have rules."""
    if isinstance(schema, dict):
        if isinstance(schema.get("default"), dict | list):
            yield schema
        for item in schema.values():
            yield from large_defaults(item)
    elif isinstance(schema, list):
        for item in schema:
            yield from large_defaults(item)

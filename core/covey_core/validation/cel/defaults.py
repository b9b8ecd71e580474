"""The defaults of a structural schema, filled in before rules see an object."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from covey_core.validation.branches import resolved

if TYPE_CHECKING:
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
        if not isinstance(below, dict):
            result[name] = item
        elif item is not None or resolved(below, root).get("nullable") is True:
            result[name] = with_defaults(item, below, root)
    for name, field in fields.items():
        if name not in result and (default := _default(field, root)) is not None:
            result[name] = with_defaults(copy.deepcopy(default), field, root)
    return result


def _default(field: Any, root: Schema) -> Any:
    if not isinstance(field, dict):
        return None
    return field["default"] if "default" in field else resolved(field, root).get("default") if "$ref" in field else None


def has_large_defaults(schema: Any) -> bool:
    """Whether a default somewhere is a mapping or a list, and so may bring fields that have rules of their own."""
    if isinstance(schema, dict):
        return isinstance(schema.get("default"), dict | list) or any(map(has_large_defaults, schema.values()))
    return isinstance(schema, list) and any(map(has_large_defaults, schema))

"""Defaults stand in the schemas alone; this fills them into a checked document."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def filled(schema: Mapping[str, Any], value: Any) -> Any:
    """A copy of `value` with the defaults of `schema` at every depth (object properties and list items)."""
    if isinstance(value, dict):
        return _object(schema, value)
    if isinstance(value, list):
        items = schema.get("items", {})
        return [filled(items, item) for item in value]
    return value


def _object(schema: Mapping[str, Any], value: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(value)
    for name, part in schema.get("properties", {}).items():
        if name in result:
            result[name] = filled(part, result[name])
        elif "default" in part:
            result[name] = filled(part, copy.copy(part["default"]))
    return result

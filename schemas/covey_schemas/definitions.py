"""Puts a schema together with the shared definitions that it refers to; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PREFIX = "#/$defs/"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def assembled(root: dict[str, Any], define: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """`root` as a whole JSON Schema, with every definition that it reaches in `$defs`."""
    found: dict[str, dict[str, Any]] = {}
    waiting = list(references(root))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = define(name)
            waiting.extend(references(found[name]))
    definitions = {"$defs": {name: found[name] for name in sorted(found)}} if found else {}
    return {"$schema": DIALECT} | root | definitions


def references(schema: Any) -> Iterator[str]:
    """The names of the definitions that `schema` refers to itself."""
    if isinstance(schema, dict):
        target = schema.get("$ref")
        if isinstance(target, str) and target.startswith(PREFIX):
            yield target.removeprefix(PREFIX)
        for value in schema.values():
            if isinstance(value, dict | list):
                yield from references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from references(value)


def has_rules(schema: Any) -> bool:
    """Whether any part of `schema` has CEL rules."""
    if isinstance(schema, dict):
        return isinstance(schema.get("x-kubernetes-validations"), list) or any(map(has_rules, schema.values()))
    return isinstance(schema, list) and any(map(has_rules, schema))

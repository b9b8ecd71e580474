"""Finds the few places of an object at which a schema asks for more than JSON Schema can say.

A schema is read once into branches; what has no interesting place below it has no branch, so walking an object costs
next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from .problems import Path

Schema = dict[str, Any]


class Branch:
    """What lies below one place; `mark` is what the caller wants to know about the place itself."""

    __slots__ = ("fields", "items", "mark", "values")

    def __init__(self, mark: Any) -> None:
        self.mark = mark
        self.fields: dict[str, Branch] = {}
        self.items: Branch | None = None
        self.values: Branch | None = None

    @property
    def bare(self) -> bool:
        return self.mark is None and not self.fields and self.items is None and self.values is None


def grow(schema: Schema, mark_of: Callable[[Schema], Any], *, root: Schema | None = None) -> Branch | None:
    """The branches of `schema`, a part of `root`; `mark_of` returns None for a place of no interest."""
    return _Grower(root or schema, mark_of).grow(schema)


def places(value: Any, branch: Branch, path: Path = ()) -> list[tuple[Path, Any, Any]]:
    """Every (path, value, mark) of `value` that has a mark, outer places first."""
    found: list[tuple[Path, Any, Any]] = []
    _collect(value, branch, path, found)
    return found


def _collect(value: Any, branch: Branch, path: Path, found: list[tuple[Path, Any, Any]]) -> None:
    """Every object of every file passes here: a list that grows is twice as fast as generators in generators."""
    if branch.mark is not None:
        found.append((path, value, branch.mark))
    if isinstance(value, dict):
        fields = branch.fields
        if branch.values is None and len(fields) < len(value):  # most have one or two
            for name, below in fields.items():
                item = value.get(name)
                if item is not None:
                    _collect(item, below, (*path, name), found)
            return
        for name, item in value.items():
            known = fields.get(name, branch.values)
            if known is not None and item is not None:
                _collect(item, known, (*path, name), found)
    elif isinstance(value, list) and branch.items is not None:
        for index, item in enumerate(value):
            _collect(item, branch.items, (*path, index), found)


def resolved(schema: Schema, root: Schema) -> Schema:
    """`schema` with its `$ref` and its `allOf` folded in, as far as fields and extensions go."""
    seen = 0
    while ("$ref" in schema or "allOf" in schema) and seen < 32:  # noqa: PLR2004 - a loop of references ends somewhere
        seen += 1
        parts = [*([_target(schema["$ref"], root)] if "$ref" in schema else []), *schema.get("allOf", ())]
        merged: Schema = {}
        for part in parts:
            _fold(merged, part)
        _fold(merged, {key: item for key, item in schema.items() if key not in {"$ref", "allOf"}})
        schema = merged
    return schema


def _fold(into: Schema, part: Schema) -> None:
    for key, item in part.items():
        if key == "properties":
            into["properties"] = {**into.get("properties", {}), **item}
        elif key == "allOf":
            into["allOf"] = [*into.get("allOf", ()), *item]
        elif key == "x-kubernetes-validations":
            into[key] = [*into.get(key, ()), *item]
        else:
            into[key] = item


def _target(reference: str, root: Schema) -> Schema:
    """What a local reference names; anything else has no branches of ours (the compiler refuses it)."""
    found: Any = root
    for part in reference.removeprefix("#").split("/")[1:]:
        found = found.get(part.replace("~1", "/").replace("~0", "~"), {}) if isinstance(found, dict) else {}
    return found if isinstance(found, dict) else {}


class _Grower:
    def __init__(self, root: Schema, mark_of: Callable[[Schema], Any]) -> None:
        self._root = root
        self._mark_of = mark_of
        self._known: dict[str | int, Branch | None] = {}

    def grow(self, schema: Any) -> Branch | None:
        if not isinstance(schema, dict):
            return None
        if "$ref" not in schema and "allOf" not in schema:
            return self._grow(schema, Branch(None))
        key = schema["$ref"] if len(schema) == 1 and "$ref" in schema else id(schema)
        if key not in self._known:
            branch = self._known[key] = Branch(None)  # a schema that holds itself finds this one
            self._known[key] = self._grow(resolved(schema, self._root), branch)
        return self._known[key]

    def _grow(self, schema: Schema, branch: Branch) -> Branch | None:
        branch.mark = self._mark_of(schema)
        for name, field in schema.get("properties", {}).items():
            below = self.grow(field)
            if below is not None:
                branch.fields[name] = below
        branch.items = self.grow(schema.get("items"))
        branch.values = self.grow(schema.get("additionalProperties"))
        return None if branch.bare else branch

"""The fields of the kinds that people write, as their JSON Schemas describe them; for `explain` and the reference."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from covey_schemas.catalog import kind_schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

MISSING: Final = object()


class Kind(NamedTuple):
    """A kind that people write, its short name and where its files stand."""

    name: str
    short: str
    place: str


KINDS: Final = (
    Kind("FederatedJob", "job", "jobs/<namespace>/<name>/job.yaml"),
    Kind("DataSet", "dataset", "datasets/<name>.yaml"),
    Kind("Fleet", "fleet", "covey.yaml"),
)


@dataclass(frozen=True, slots=True)
class Field:
    """One field; `path` starts below the kind, and the items of a list or map belong to the field that holds them."""

    path: tuple[str, ...]
    title: str
    description: str
    type: str
    required: bool
    limits: tuple[str, ...]
    values: tuple[Any, ...]
    examples: tuple[Any, ...]
    children: tuple[Field, ...]
    default: Any = MISSING
    any_key: bool = False

    def child(self, name: str) -> Field | None:
        """The field below this one; where any key will do, the one that stands for all of them."""
        if self.any_key:
            return self.children[0]
        return next((child for child in self.children if child.path[-1] == name), None)

    def walk(self) -> Iterator[Field]:
        """All fields below this one, parents first."""
        for child in self.children:
            yield child
            yield from child.walk()


def find_kind(name: str) -> Kind | None:
    folded = name.casefold()
    return next((kind for kind in KINDS if folded in (kind.name.casefold(), kind.short, kind.short + "s")), None)


def tree(schema: Mapping[str, Any], *, path: tuple[str, ...] = (), required: bool = True) -> Field:
    """The field that `schema` describes, with all fields below it."""
    inner = schema.get("items", schema)
    properties = inner.get("properties", {})
    needed = inner.get("required", ())
    children = [tree(part, path=(*path, name), required=name in needed) for name, part in properties.items()]
    values = inner.get("additionalProperties")
    any_key = isinstance(values, dict)
    if any_key:
        children = [tree(values, path=(*path, "<name>"), required=False)]
    return Field(
        path=path,
        title=schema.get("title", ""),
        description=schema.get("description", ""),
        type=_type(schema),
        required=required,
        limits=_limits(schema),
        values=tuple(inner.get("enum", ())),
        examples=tuple(schema.get("examples", ())),
        children=tuple(children),
        default=schema.get("default", MISSING),
        any_key=any_key,
    )


def _type(schema: Mapping[str, Any]) -> str:
    if "items" in schema:
        return f"list of {_type(schema['items'])}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"map of {_type(schema['additionalProperties'])}"
    kind = schema.get("type", "string")
    return kind if isinstance(kind, str) else " or ".join(kind)


def _limits(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The schema's bounds in words; those of a list's items follow those of the list."""
    said = [_range(schema), _size(schema)]
    said += ["no item twice"] if schema.get("uniqueItems") else []
    said += [f"always {schema['const']}"] if "const" in schema else []
    said += [f"fits `{schema['pattern']}`"] if "pattern" in schema else []
    said += [f"names fit `{schema['propertyNames']['pattern']}`"] if "propertyNames" in schema else []
    said += [f"contains {schema['contains']['const']}"] if "const" in schema.get("contains", {}) else []
    said += [f"each: {limit}" for limit in _limits(schema["items"])] if "items" in schema else []
    return tuple(text for text in said if text)


def _range(schema: Mapping[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if low is not None and high is not None:
        return f"{low} to {high}"
    bounds = (("at least", low), ("more than", above), ("at most", high), ("less than", below))
    return " and ".join(f"{words} {number}" for words, number in bounds if number is not None)


def _size(schema: Mapping[str, Any]) -> str:
    for what, noun in (("Length", "characters"), ("Items", "items"), ("Properties", "entries")):
        low, high = schema.get(f"min{what}", 0), schema.get(f"max{what}")
        if high is not None:
            return f"{low} to {high} {noun}" if low else f"at most {high} {noun}"
        if low:
            return f"at least {low} {noun.removesuffix('s') if low == 1 else noun}"
    return ""


def example_text(value: Any) -> str:
    """A value as it can be written in YAML on one line."""
    return value if isinstance(value, str) and value else json.dumps(value)


def kind_fields(kind: Kind) -> Field:
    """All fields of one of our kinds."""
    return tree(kind_schema(kind.name))


def subschema(kind: Kind, path: Iterable[str]) -> dict[str, Any]:
    """The schema of one field; for a list, that of its items."""
    schema = kind_schema(kind.name)
    for name in path:
        schema = schema["properties"][name]
        schema = schema.get("items", schema)
    return schema

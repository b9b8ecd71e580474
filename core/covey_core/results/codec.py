"""Frozen dataclasses to JSON and back: `held_out` is `heldOut` there, tuples are lists.

Readers skip fields that they do not know, so that a field can be added without a new version.
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

Model = TypeVar("Model")


class BadShapeError(ValueError):
    """The message is one sentence that names the field."""


def encode(value: Any) -> Any:
    """Plain data; numbers that are none (NaN) become null, as JSON has no word for them."""
    if dataclasses.is_dataclass(value):
        return {camel(field.name): encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {key: encode(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [encode(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def decode(model: type[Model], value: Any, *, path: str = "") -> Model:
    """A `model` from plain data; raises BadShapeError at the first field that does not fit."""
    if not isinstance(value, dict):
        raise _bad(path, "a mapping")
    hints = get_type_hints(model)
    found = {}
    for field in dataclasses.fields(model):  # type: ignore[arg-type]  # every model here is a dataclass
        name = camel(field.name)
        here = f"{path}.{name}" if path else name
        if name in value:
            found[field.name] = _decoded(hints[field.name], value[name], here)
        elif _required(field):
            raise BadShapeError(f"the field {here} is missing")
    return model(**found)


def schema(model: type[Any], *, title: str) -> dict[str, Any]:
    """What `decode` reads, as a JSON Schema; further fields are allowed, as a newer Covey may add some."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **_schema(model)}


def _schema(kind: Any) -> dict[str, Any]:
    arguments = get_args(kind)
    if isinstance(kind, types.UnionType):  # always `X | None`
        return {"anyOf": [_schema(arguments[0]), {"type": "null"}]}
    if dataclasses.is_dataclass(kind):
        fields, hints = dataclasses.fields(kind), get_type_hints(kind)
        needed = [camel(field.name) for field in fields if _required(field)]
        properties = {camel(field.name): _schema(hints[field.name]) for field in fields}
        return {"type": "object", "required": needed, "properties": properties}
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"enum": list(kind)}
    if get_origin(kind) is tuple:
        return {"type": "array", "items": _schema(arguments[0])}
    if get_origin(kind) is Mapping:
        return {"type": "object", "additionalProperties": _schema(arguments[1])}
    return {"type": {str: "string", int: "integer", float: "number"}[kind]}


def _required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def _decoded(kind: Any, value: Any, path: str) -> Any:
    arguments = get_args(kind)
    if isinstance(kind, types.UnionType):  # always `X | None`
        return None if value is None else _decoded(arguments[0], value, path)
    if dataclasses.is_dataclass(kind):
        return decode(kind, value, path=path)  # type: ignore[arg-type]  # a class, as a type hint is
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        if value not in list(kind):
            raise _bad(path, "one of " + ", ".join(kind))
        return kind(value)
    if get_origin(kind) is tuple:
        return tuple(_decoded(arguments[0], item, f"{path}[{at}]") for at, item in enumerate(_a(list, value, path)))
    if get_origin(kind) is Mapping:
        return {key: _decoded(arguments[1], item, f"{path}.{key}") for key, item in _a(dict, value, path).items()}
    return _number(value, path) if kind is float else _a(kind, value, path)


def _number(value: Any, path: str) -> float:
    try:
        found = float(_a((int, float), value, path))
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise _bad(path, "a number")
    return found


def _a(kind: Any, value: Any, path: str) -> Any:
    whole = kind is int and isinstance(value, int) and abs(value) > _MOST
    if isinstance(value, kind) and not isinstance(value, bool) and not whole:
        return value
    raise _bad(path, _WORDS.get(kind, "a number"))


def _bad(path: str, wanted: str) -> BadShapeError:
    return BadShapeError(f"{path or 'the whole'} must be {wanted}")


_MOST = 2**53  # what all readers of JSON keep
_WORDS = {str: "a text", int: "a whole number", list: "a list", dict: "a mapping"}

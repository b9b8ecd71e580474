"""Objects as CEL sees them: numbers by the schema's type, times and durations parsed, names escaped."""

from __future__ import annotations

import base64
import re
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from covey_core.validation.branches import resolved

from .times import Timed

if TYPE_CHECKING:
    from collections.abc import Callable

    from covey_core.validation.branches import Schema

# Words that CEL keeps for itself; Kubernetes writes them as `__word__` in rules.
_RESERVED: Final = frozenset(
    {
        "true",
        "false",
        "null",
        "in",
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
    }
    | {"loop", "package", "namespace", "return", "var", "void", "while"},
)
_NAME = re.compile(r"[A-Za-z_./-][A-Za-z0-9_./-]*\Z")
_SPECIAL = re.compile(r"__|[./-]")
_ESCAPES: Final = {"__": "__underscores__", ".": "__dot__", "-": "__dash__", "/": "__slash__"}
_DURATION = re.compile(r"[+-]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)\Z")
_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)\Z")
_ROOT_METADATA: Final = ("name", "generateName")


@cache
def escaped(name: str) -> str | None:
    """The field's name inside a rule; None where a rule can't name it."""
    if name in _RESERVED:
        return f"__{name}__"
    return _SPECIAL.sub(lambda match: _ESCAPES[match.group()], name) if _NAME.match(name) else None


def to_cel(value: Any, schema: Schema, root: Schema, *, is_object: bool = False) -> Any:
    """`value` for the engine; of the metadata of a whole object (`is_object`) rules see only the name."""
    if isinstance(value, str):
        reader = _READERS.get(schema.get("format", ""))  # definitions are objects: a text's schema is no reference
        return value if reader is None else reader(value)
    schema = resolved(schema, root)
    if isinstance(value, dict):
        return _mapping(value, schema, root, is_object or schema.get("x-kubernetes-embedded-resource") is True)
    if isinstance(value, list):
        items = schema.get("items")
        return [to_cel(item, items, root) for item in value] if isinstance(items, dict) else value
    return _number(value, schema)


def _mapping(value: dict[str, Any], schema: Schema, root: Schema, is_object: bool) -> dict[str, Any]:
    fields = schema.get("properties")
    others = schema.get("additionalProperties")
    result: dict[str, Any] = {}
    for name, item in value.items():
        if is_object and name == "metadata" and isinstance(item, dict):
            result[name] = {key: item[key] for key in _ROOT_METADATA if key in item}
        elif fields and name in fields:
            if (key := escaped(name)) is not None:
                result[key] = to_cel(item, fields[name], root)
        elif isinstance(others, dict):
            result[name] = to_cel(item, others, root)
        elif not fields or (is_object and name in {"apiVersion", "kind"}):
            result[name] = item
    return result


def _number(value: Any, schema: Schema) -> Any:
    types = schema.get("type")
    names = types if isinstance(types, list) else [types]
    if isinstance(value, int) and not isinstance(value, bool) and "number" in names:
        return float(value)
    if isinstance(value, float) and "integer" in names and value.is_integer():
        return int(value)
    return value


def _time(text: str) -> Timed | str:
    return Timed("timestamp", text) if is_time(text, day=False) else text


def _date(text: str) -> Timed | str:
    return Timed("timestamp", f"{text}T00:00:00Z") if is_time(text, day=True) else text


def _duration(text: str) -> Timed | str:
    return Timed("duration", text) if is_duration(text) else text


def is_time(text: str, *, day: bool) -> bool:
    if _DAY.match(text) is None if day else _MOMENT.match(text) is None:
        return False
    try:
        datetime.fromisoformat(text[:19])
    except ValueError:
        return False
    return True


def is_duration(text: str) -> bool:
    """Go's syntax: 1h30m, -0.5s, 0."""
    return _DURATION.match(text) is not None


def _bytes(text: str) -> bytes | str:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return text


_READERS: Final[dict[str, Callable[[str], Any]]] = {
    "date-time": _time,
    "date": _date,
    "duration": _duration,
    "byte": _bytes,
}

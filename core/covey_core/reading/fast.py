"""The fast reader: text in which all readers see the same goes to yaml_rs (saphyr in Rust) or to Python's JSON."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, Final

from yaml_rs import loads

from .doubts import deeper, doubtful

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .limits import Limits

IN_DOUBT: Final = object()

_DEEP = 40  # with fewer brackets, and less indented: never nested as deep as the limit
# yaml_rs calls itself for each level, and the stack has an end; the precise reader does not.
_TOO_DEEP = 200
_TOO_MANY_BRACKETS = 500
_LARGE_NUMBER = re.compile(r"[0-9]{19}|[0-9.][eE]\+?[0-9]{2}")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def clear(text: str) -> bool:
    """Whether nothing in a whole file is doubtful or deep; its chunks need not be looked at one by one then."""
    return not doubtful(text) and not deeper(text, _DEEP)


def read_chunk(text: str, limits: Limits, *, json_file: bool, clear: bool = False) -> Any:
    """The value of `text`, or IN_DOUBT where the precise reader must look; `clear` says that its whole file is."""
    if _many_nodes(text, limits):
        return IN_DOUBT
    brackets = text.count("[") + text.count("{")
    value = _json(text) if json_file else IN_DOUBT
    if value is IN_DOUBT and brackets <= _TOO_MANY_BRACKETS and (clear or _readable(text)):
        value = _yaml(text)
    may_be_deep = brackets > _DEEP or (not clear and deeper(text, _DEEP))
    return IN_DOUBT if may_be_deep and _deeper_than(limits.depth, value) else value


def _readable(text: str) -> bool:
    return not doubtful(text) and not deeper(text, _TOO_DEEP)


def _many_nodes(text: str, limits: Limits) -> bool:
    """An upper bound: each node but the first follows one of these signs."""
    return len(text) >= limits.nodes and 2 * sum(map(text.count, "\n\r:,[{-?")) + 2 > limits.nodes


def _deeper_than(limit: int, value: Any) -> bool:
    level = [value]
    for _ in range(limit + 1):
        level = [item for each in level if isinstance(each, dict | list) for item in _items(each)]
        if not level:
            return False
    return True


def _items(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _yaml(text: str) -> Any:
    """Double keys and all that is no YAML are what yaml_rs refuses; several documents, it gives as a list."""
    try:
        value = loads(text, parse_datetime=False)
    except ValueError:
        return IN_DOUBT
    return value if value is None or isinstance(value, dict) else IN_DOUBT


def _json(text: str) -> Any:
    """JSON means what it says; only double keys and numbers that Go can't hold are in doubt."""
    numbers: dict[str, Any] = {"parse_int": _int, "parse_float": _float} if _LARGE_NUMBER.search(text) else {}
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse, **numbers)
    except (ValueError, RecursionError):
        return IN_DOUBT
    return value if not _SURROGATE.search(text) or _encodable(value) else IN_DOUBT


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    return value if len(value) == len(pairs) else _refuse("a key that stands twice")


def _int(digits: str) -> int:
    number = int(digits)
    return number if -(2**63) <= number < 2**63 else _refuse(digits)


def _float(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _refuse(digits)


def _refuse(what: str) -> Any:
    raise ValueError(what)


def _encodable(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True

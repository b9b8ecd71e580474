"""Ways to break an object: at each of its places everything that people and programs get wrong there."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Path = tuple[str | int, ...]

_ANY = {"null": None, "a text": "Not a name!", "a number": 7, "a boolean": True, "a list": [], "a mapping": {}}
_NUMBERS = {"-1": -1, "0": 0, "a fraction": 1.5, "2^31": 2**31, "2^63-1": 2**63 - 1, "a number as text": "8"}
_TEXTS = {"empty": "", "too long": "x" * 300, "a line break": "a\nb", "other letters": "Ünï", "with a slash": "a/b"}
_QUANTITIES = {
    f"quantity {text}": text for text in ("1Qi", "-1", "0", ".5", "1e3", "1E", "+1Gi", "1 Gi", "1.5.0", "5.m")
}

_QUANTITY = re.compile(r"\d+(\.\d+)?(m|k|[KMGTPE]i?)?\Z")


@dataclass(frozen=True)
class Mutation:
    """`where` is the place with `*` for the items of lists: what is done there to one item is not done to all."""

    where: str
    what: str
    value: Any

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def mutations(value: dict[str, Any]) -> Iterator[Mutation]:
    seen: set[str] = set()
    for path, found in _places(value):
        where = "".join(f"/{'*' if isinstance(part, int) else part}" for part in path)
        if where not in seen:
            seen.add(where)
            for what, new in _changes(found):
                yield Mutation(where, what, _with(value, path, new))
            if path and isinstance(path[-1], str):
                yield Mutation(where, "missing", _without(value, path))


def _places(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if path:
        yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _places(item, (*path, key))


def _changes(value: Any) -> Iterator[tuple[str, Any]]:
    for what, new in _ANY.items():
        if new != value or type(new) is not type(value):
            yield what, new
    if isinstance(value, dict):
        yield "an unknown field", value | {"coveyUnknown": 1}
        yield "an unknown mapping", value | {"coveyUnknown": {"a": {}}}
        yield "a bad key", value | {"-a/b/c-": "text"}
    elif isinstance(value, list):
        yield "null among its items", [*value, None]
        if value:
            yield "an item twice", [*value, copy.deepcopy(value[0])]
    elif isinstance(value, str):
        yield from _TEXTS.items()
        if _QUANTITY.match(value):
            yield from _QUANTITIES.items()
    elif not isinstance(value, bool) and isinstance(value, int | float):
        yield from _NUMBERS.items()


def _with(value: Any, path: Path, new: Any) -> Any:
    made = copy.deepcopy(value)
    _holder(made, path)[path[-1]] = new
    return made


def _without(value: Any, path: Path) -> Any:
    made = copy.deepcopy(value)
    del _holder(made, path)[path[-1]]
    return made


def _holder(value: Any, path: Path) -> Any:
    for part in path[:-1]:
        value = value[part]
    return value

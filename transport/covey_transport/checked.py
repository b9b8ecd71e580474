"""Reads fields of decoded JSON, and says in one sentence where one is wrong.

The files that come here are written by programs of ours; this is the fence, not a schema for people.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from covey_transport.errors import BadStartError

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

_SHOWN = 60  # characters of a wrong value


def decode(data: bytes, where: str) -> Any:
    try:
        return json.loads(data, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise BadStartError(f"{where} is no JSON: {error}") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """JSON readers keep the last of two equal names; here the second is a mistake."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} stands twice in one object")
    return found


class Checked:
    """One JSON object with its place; `known` are all the fields that it may have, or None for any."""

    def __init__(self, data: Any, where: str, known: tuple[str, ...] | None) -> None:
        if not isinstance(data, dict):
            raise BadStartError(f"{where} must be an object.")
        self._data: dict[str, Any] = data
        self._where = where
        unknown = [] if known is None else sorted(set(data) - set(known))
        if unknown:
            raise BadStartError(f"{where} has a field that nobody reads: {unknown[0]!r}.")

    def has(self, name: str) -> bool:
        return name in self._data

    def place(self, name: str) -> str:
        return f"{self._where}/{name}"

    def wrong(self, name: str, what: str) -> BadStartError:
        shown = json.dumps(self._data.get(name))[:_SHOWN]
        return BadStartError(f"{self.place(name)} {what}, but is {shown}.")

    def value(self, name: str) -> Any:
        if name not in self._data:
            raise BadStartError(f"{self.place(name)} is missing.")
        return self._data[name]

    def object(self, name: str, known: tuple[str, ...] | None = None) -> Checked:
        return Checked(self.value(name), self.place(name), known)

    def names(self) -> Iterator[str]:
        return iter(self._data)

    def items_of(self, name: str) -> Iterator[tuple[Any, str]]:
        items = self.value(name)
        if not isinstance(items, list):
            raise self.wrong(name, "must be a list")
        return ((item, f"{self.place(name)}/{index}") for index, item in enumerate(items))

    def text(self, name: str, pattern: re.Pattern[str]) -> str:
        text = self.value(name)
        if not isinstance(text, str) or not pattern.match(text):
            raise self.wrong(name, f"must be a text like {pattern.pattern}")
        return text

    def texts(self, name: str, pattern: re.Pattern[str]) -> list[str]:
        found = [item for item, _ in self.items_of(name)]
        if not all(isinstance(item, str) and pattern.match(item) for item in found):
            raise self.wrong(name, f"must be a list of texts like {pattern.pattern}")
        return found

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        text = self.value(name)
        if text not in choices:
            raise self.wrong(name, f"must be one of {', '.join(choices)}")
        return str(text)

    def number(self, name: str, low: float, high: float) -> float:
        number = self.value(name)
        if isinstance(number, bool) or not isinstance(number, int | float) or not low <= number <= high:
            raise self.wrong(name, f"must be a number from {low:g} to {high:g}")
        return number

    def port(self, name: str) -> int:
        port = self.value(name)
        if isinstance(port, bool) or not isinstance(port, int) or not 1 <= port <= 65535:  # noqa: PLR2004 - TCP
            raise self.wrong(name, "must be a port from 1 to 65535")
        return port

    def flag(self, name: str) -> bool:
        flag = self._data.get(name, False)
        if not isinstance(flag, bool):
            raise self.wrong(name, "must be true or false")
        return flag

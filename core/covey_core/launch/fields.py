"""Reads decoded JSON field by field; every mistake becomes a sentence, and all of them are told at once."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MISSING: Any = object()


class Fields:
    """One mapping of a document; `mistakes` is shared with the mappings inside it."""

    def __init__(self, value: Mapping[str, Any], *, path: str = "", mistakes: list[str] | None = None) -> None:
        self._value = value
        self._path = path
        self._known: set[str] = set()
        self.mistakes: list[str] = [] if mistakes is None else mistakes

    def text(self, name: str, *, default: str = _MISSING, pattern: str = r".+", choices: Sequence[str] = ()) -> str:
        value = self._get(name, default)
        if value is default:
            return default if default is not _MISSING else ""
        if not isinstance(value, str) or not re.fullmatch(pattern, value) or (choices and value not in choices):
            wanted = f"one of {', '.join(choices)}" if choices else "a text" if pattern == r".+" else f"like {pattern}"
            self._wrong(name, wanted, value)
            return ""
        return value

    def whole(self, name: str, *, low: int, high: int, default: int = _MISSING) -> int:
        value = self._get(name, default)
        if value is default:
            return default if default is not _MISSING else low
        if type(value) is not int or not low <= value <= high:
            self._wrong(name, f"a whole number from {low} to {high}", value)
            return low
        return value

    def number(self, name: str) -> float:
        value = self._get(name, _MISSING)
        if value is _MISSING:
            return 0.0
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            self._wrong(name, "a number that is not negative", value)
            return 0.0
        return float(value)

    def mapping(self, name: str, *, default: Mapping[str, Any] = _MISSING) -> Mapping[str, Any]:
        value = self._get(name, default)
        if value is default:
            return {} if default is _MISSING else default
        if not isinstance(value, dict):
            self._wrong(name, "a mapping", value)
            return {}
        return value

    def inside(self, name: str) -> Fields:
        return Fields(self.mapping(name), path=self._name(name) + ".", mistakes=self.mistakes)

    def end(self) -> None:
        """Nobody asked for the fields that are left: they are mistakes, too."""
        for name in sorted(self._value.keys() - self._known):
            self.mistakes.append(f"{self._name(name)} is not a field of this contract version.")

    def _get(self, name: str, default: Any) -> Any:
        self._known.add(name)
        value = self._value.get(name, default)
        if value is _MISSING:
            self.mistakes.append(f"{self._name(name)} is missing.")
        return value

    def _wrong(self, name: str, wanted: str, value: Any) -> None:
        shown = json.dumps(value, ensure_ascii=True)
        shown = shown if len(shown) <= 60 else shown[:57] + "..."  # noqa: PLR2004 - what fits a line
        self.mistakes.append(f"{self._name(name)} must be {wanted}, not {shown}.")

    def _name(self, name: str) -> str:
        return self._path + name

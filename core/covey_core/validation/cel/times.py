"""Times and durations, which the engine does not take as data: rules see them through an expression that makes them.

A rule R on an object with the time `until` becomes `cel.bind(self, {"until": timestamp(raw["until"]), ...}, R)`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Timed:
    """A text that the CEL function `maker` turns into a time or a duration."""

    maker: str
    text: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What all the rules of a place see: the data, and CEL that makes `self` of it where the data alone won't do."""

    data: dict[str, Any]
    made: str = ""

    @classmethod
    def of(cls, value: Any) -> Seen:
        if not _holds_times(value):
            return cls({"self": value})
        return cls({"raw": _plain(value), "self": None}, _made(value, "raw"))

    def about(self, expression: str) -> str:
        """The expression to evaluate with the data."""
        return f"cel.bind(self, {self.made}, {expression})" if self.made else expression


def _holds_times(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_times, value.values()))
    return any(map(_holds_times, value)) if isinstance(value, list) else isinstance(value, Timed)


def _made(value: Any, raw: str) -> str:
    """CEL that makes `value` out of the plain data that `raw` names."""
    if isinstance(value, Timed):
        return f"{value.maker}({raw})"
    if not _holds_times(value):
        return raw
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(f"{_quoted(key)}: {_made(item, f'{raw}[{_quoted(key)}]')}" for key, item in value.items())
            + "}"
        )
    return "[" + ", ".join(_made(item, f"{raw}[{index}]") for index, item in enumerate(value)) + "]"


def _quoted(key: str) -> str:
    return json.dumps(key)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.text if isinstance(value, Timed) else value

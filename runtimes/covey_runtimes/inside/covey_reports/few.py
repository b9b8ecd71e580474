"""Metrics, which strangers name and number: cut and counted before they are told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST, LONGEST = 100, 100  # metrics of one collaborator in one round, and characters of a name
LEFT_OUT = "metrics_left_out"
_ROOM = 1 << 19  # bytes for all metrics of a report, half of what a line may have
_FIRST = frozenset({"examples", "loss", "accuracy"})


def few(values: Mapping[str, Any], *, sharers: int = 1) -> dict[str, Any]:
    """As many of them as a report has room for that so many share; how many there were besides is one more."""
    room, found = _ROOM // sharers, dict[str, Any]()
    for name in sorted(values, key=lambda name: name not in _FIRST):
        short, value = name[:LONGEST], values[name]
        room -= len(json.dumps({short: value}))
        if len(found) < MOST and room > 0:
            found.setdefault(short, value)
    left_out = len(values) - len(found)
    return {**found, LEFT_OUT: left_out} if left_out else found

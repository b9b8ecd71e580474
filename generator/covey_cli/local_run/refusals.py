"""Whom the aggregator's proxy has refused, and why, from its log: each told once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from covey_runtimes.launch.event_log import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_REFUSED = frozenset({400, 403})
_PASSING = "no-key-registered"  # between two epochs, and after the last one


class Refusals:
    def __init__(self, log: Path) -> None:
        self._lines = Lines(log)
        self._told: set[str] = set()

    def __iter__(self) -> Iterator[str]:
        """A sentence for each new one."""
        for line in self._lines:
            sentence = _sentence(line)
            if sentence and sentence not in self._told:
                self._told.add(sentence)
                yield sentence


def _sentence(line: bytes) -> str:
    if not line.startswith(b"{"):
        return ""
    try:
        said: dict[str, Any] = json.loads(line)
    except ValueError:
        return ""
    who, why = str(said.get("who") or "somebody"), str(said.get("why") or "")
    if said.get("log") == "request" and said.get("code") in _REFUSED and why.find("[") >= 0:
        reason = why.partition("[")[2].partition("]")[0]
        if reason == _PASSING:
            return ""
        return f"The aggregator's proxy refused {who} ({reason}) at {said.get('path')}."
    if said.get("log") == "connection" and "TLS" in why.upper():
        return f"The aggregator's proxy refused a connection of {who}: {why}."
    return ""

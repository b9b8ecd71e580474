"""Lines of `events.jsonl`, and the reports of runtime processes that become them.

An event has a rising sequence, a time and a type; its further fields depend on the type. A report is the same without
sequence and time, which only the launcher gives. Readers skip types and fields that they don't know.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from covey_core.manifests import canonical_json

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_LINE = 1 << 20  # bytes; a collaborator may have sent what stands in a report


class Type(StrEnum):
    SESSION = "session"
    CONNECTED = "connected"
    LOST = "lost"
    ROUND = "round"
    METRIC = "metric"
    ERROR = "error"
    END = "end"
    REJOIN = "rejoin"  # of a collaborator's process alone: something may be lost for good, so join anew


# What a runtime process may say, with the fields that it must give and their types; `session` is the launcher's own.
_REPORTS: dict[Type, dict[str, type | tuple[type, ...]]] = {
    Type.CONNECTED: {"collaborator": str},
    Type.LOST: {"collaborator": str},
    Type.ROUND: {"round": int},
    Type.METRIC: {"name": str, "value": (int, float)},
    Type.ERROR: {"message": str},
    Type.END: {},
    Type.REJOIN: {},
}


@dataclass(frozen=True, slots=True)
class Report:
    """`fields` are those of the event to be, besides its type."""

    type: Type
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """`time` is in seconds since 1970."""

    sequence: int
    time: float
    type: str
    fields: Mapping[str, Any]


class BadLineError(ValueError):
    """A line that is no event or report; the message is one sentence."""


def encode(event: Event) -> bytes:
    """The event's line, with its newline; what JSON has no word for is replaced."""
    own = {"sequence": event.sequence, "time": round(event.time, 3), "type": str(event.type)}
    return canonical_json(finite({**event.fields, **own})) + b"\n"


def decode(line: bytes) -> Event:
    value = _mapping(line)
    try:
        own = int(value.pop("sequence")), float(value.pop("time")), str(value.pop("type"))
    except (KeyError, TypeError, ValueError):
        raise BadLineError("An event lacks its sequence, time or type.") from None
    return Event(*own, fields=value)


def report(line: bytes) -> Report:
    """What a runtime process said in `line`; numbers that are no numbers (NaN) become None, as JSON has none."""
    value = _mapping(line)
    said = value.pop("type", None)
    if not isinstance(said, str) or said not in _REPORTS:
        raise BadLineError(f"A runtime process reported the type {_shown(said)}, which is none.")
    for name, kind in _REPORTS[Type(said)].items():
        if not isinstance(value.get(name), kind) or isinstance(value.get(name), bool):
            raise BadLineError(f"The runtime's report {said!r} has {_shown(value.get(name))} as {name!r}.")
    return Report(Type(said), finite(value))


def finite(value: Any) -> Any:
    """`value` with every NaN and infinity inside it replaced by None, and half characters in texts by `?`."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, dict):
        return {finite(key): finite(item) for key, item in value.items()}
    return [finite(item) for item in value] if isinstance(value, list) else value


def _mapping(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise BadLineError("A line is not one JSON mapping.")
    return value


def _shown(value: Any) -> str:
    return json.dumps(value)[:60]

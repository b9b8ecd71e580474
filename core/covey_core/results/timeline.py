"""What happened besides training: starts, restarts, collaborators that came and went, errors, the end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from covey_core.launch.events import Event, Type
from covey_core.launch.exits import Exit

from .series import name_of

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST: Final = 200
LONGEST_TEXT: Final = 500
_ENDS: Final[dict[int, str]] = {Exit.DONE: "", Exit.STOPPED: "stopped after its last checkpoint"}


@dataclass(frozen=True, slots=True)
class Moment:
    """`at` is in seconds since the run's start; `kind` one of started, restarted, connected, lost, error, end, cut."""

    at: float
    kind: str
    who: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Attempts:
    """How often the aggregator was started, collaborators were lost, and errors were told."""

    starts: int = 0
    restarts: int = 0
    lost: int = 0
    errors: int = 0


def timeline(events: Sequence[Event], *, start: float) -> tuple[Moment, ...]:
    """`start` is the run's, in seconds since 1970. At most `MOST` moments: of more, the first and the last ones."""
    moments = []
    started = False
    for event in events:
        if found := moment(event, start=start, again=started):
            moments.append(found)
        started = started or event.type == Type.SESSION
    if len(moments) <= MOST:
        return tuple(moments)
    half = MOST // 2
    left_out = len(moments) - 2 * half
    cut = Moment(moments[half].at, "cut", text=f"{left_out} more events are not shown")
    return (*moments[:half], cut, *moments[-half:])


def moment(event: Event, *, start: float, again: bool) -> Moment | None:
    """What the event is besides training, if anything; `again`: the aggregator was started before."""
    kind = _kind(event, again=again)
    if kind is None:
        return None
    return Moment(round(max(event.time - start, 0), 3), kind, name_of(event), _text(event))


def attempts(events: Sequence[Event]) -> Attempts:
    numbers = Counter(event.type for event in events)
    starts = numbers[Type.SESSION]
    return Attempts(starts, max(starts - 1, 0), numbers[Type.LOST], numbers[Type.ERROR])


def _kind(event: Event, *, again: bool) -> str | None:
    if event.type == Type.SESSION:
        return "restarted" if again else "started"
    return str(event.type) if event.type in (Type.CONNECTED, Type.LOST, Type.ERROR, Type.END) else None


def _text(event: Event) -> str:
    for name in ("message", "reason"):
        value = event.fields.get(name)
        if isinstance(value, str):
            return value[:LONGEST_TEXT]
    code = event.fields.get("code")
    return _ENDS.get(code, f"exit code {code}") if event.type == Type.END and isinstance(code, int) else ""

"""What the events say of each finished round: a line of `round_metrics.jsonl` each."""

from __future__ import annotations

import math
from collections.abc import Mapping  # noqa: TC003 - the codec reads the types when it runs
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from covey_core.launch.events import Event, Type

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST_METRICS: Final = 20  # names, of one round
LONGEST_NAME: Final = 100
_SAMPLES: Final = ("samples", "examples", "num-examples")
_MOST_COLLABORATORS: Final = 10_000
_LAST_ROUND: Final = 1_000_000
_MOST_SAMPLES: Final = 2**53  # what all readers of JSON keep


@dataclass(frozen=True, slots=True)
class Share:
    """What one collaborator brought to a round; None is what nobody said."""

    name: str
    samples: int | None = None
    loss: float | None = None
    accuracy: float | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """`ended` and `seconds` count from the run's start and from this round's; `others` are further metrics by name."""

    round: int
    ended: float
    seconds: float
    loss: float | None = None
    accuracy: float | None = None
    others: Mapping[str, float] = field(default_factory=dict)
    collaborators: tuple[Share, ...] = ()

    @property
    def has_score(self) -> bool:
        return self.accuracy is not None or self.loss is not None


def rounds(events: Sequence[Event], *, start: float | None = None) -> tuple[Round, ...]:
    """The finished rounds, rising; of a round that was told twice, the second word counts.

    `start` is the run's, in seconds since 1970; without it the first event's time.
    """
    told: dict[int, dict[str, dict[str, float]]] = {}
    times: dict[int, tuple[float, float]] = {}
    before = events[0].time if events else 0.0
    begun = before if start is None else start
    for event in events:
        if event.type == Type.SESSION:
            before = event.time
        elif event.type == Type.METRIC:
            _note_metric(told, event, default=max(times, default=0) + 1)
        elif event.type == Type.ROUND and (number := whole(event.fields.get("round"), most=_LAST_ROUND)):
            times[number] = event.time, number_or_none(event.fields.get("seconds")) or event.time - before
            before = event.time
            _note_round(told.setdefault(number, {}), event)
    return tuple(_round(number, *times[number], begun, told.get(number, {})) for number in sorted(times))


def whole(value: Any, *, most: int) -> int | None:
    """A whole number from 1 to `most`, as a run may say anything."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most else None


def number_or_none(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e300 and math.isfinite(value) else None  # noqa: PLR2004 - room for sums


def name_of(event: Event) -> str:
    """The collaborator that the event is about; empty where it is about the federation."""
    value = event.fields.get("collaborator")
    return value[:LONGEST_NAME] if isinstance(value, str) else ""


def _note_metric(told: dict[int, dict[str, dict[str, float]]], event: Event, *, default: int) -> None:
    number = whole(event.fields.get("round"), most=_LAST_ROUND) or default
    name = event.fields.get("name")
    said = {name: event.fields.get("value")} if isinstance(name, str) else {}
    _note(told.setdefault(number, {}), name_of(event), {**said, "samples": event.fields.get("samples")})


def _note_round(told: dict[str, dict[str, float]], event: Event) -> None:
    """A round's own event may bring all of its metrics, and those of each collaborator."""
    metrics, each = event.fields.get("metrics"), event.fields.get("collaborators")
    _note(told, "", metrics if isinstance(metrics, dict) else {})
    for name, said in each.items() if isinstance(each, dict) else ():
        _note(told, name[:LONGEST_NAME], said if isinstance(said, dict) else {})


def _note(told: dict[str, dict[str, float]], who: str, said: Mapping[str, Any]) -> None:
    """Keeps what is a number, as far as there is room."""
    if who not in told and len(told) >= _MOST_COLLABORATORS:
        return
    metrics = told.setdefault(who, {})
    for name, value in said.items():
        known = "samples" if name in _SAMPLES else name[:LONGEST_NAME]
        kept = number_or_none(value)
        if kept is not None and (known in metrics or len(metrics) < MOST_METRICS):
            metrics[known] = kept


def _round(number: int, time: float, seconds: float, start: float, told: dict[str, dict[str, float]]) -> Round:
    own = dict(told.get("", {}))
    own.pop("samples", None)
    return Round(
        round=number,
        ended=round(max(time - start, 0), 3),
        seconds=round(max(seconds, 0), 3),
        loss=own.pop("loss", None),
        accuracy=own.pop("accuracy", None),
        others=own,
        collaborators=tuple(_share(name, metrics) for name, metrics in sorted(told.items()) if name),
    )


def _share(name: str, metrics: Mapping[str, float]) -> Share:
    samples = metrics.get("samples", -1)
    return Share(
        name, int(samples) if 0 <= samples < _MOST_SAMPLES else None, metrics.get("loss"), metrics.get("accuracy")
    )


def by_collaborator(all_rounds: Iterable[Round]) -> dict[str, list[tuple[int, Share]]]:
    """The rounds that each took part in, with what it brought."""
    found: dict[str, list[tuple[int, Share]]] = {}
    for one in all_rounds:
        for share in one.collaborators:
            found.setdefault(share.name, []).append((one.round, share))
    return found

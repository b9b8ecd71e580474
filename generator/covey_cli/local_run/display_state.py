"""What the events say of a run so far, for whoever shows it: round, collaborators, pace. No I/O."""

from __future__ import annotations

import statistics
from collections import deque
from typing import TYPE_CHECKING, Final

from covey_core.launch.events import Event, Type
from covey_core.results.series import name_of, rounds

if TYPE_CHECKING:
    from covey_core.results.series import Round
    from covey_core.results.summary import RunFacts

_MOST_METRICS: Final = 2000  # of one round; a chatty app must not fill the memory
_MOST_NAMES: Final = 10_000
_PACE: Final = 101  # the last rounds, whose median is the pace


class Progress:
    """Fed with the aggregator's events, in their order."""

    def __init__(self, facts: RunFacts) -> None:
        self.facts = facts
        self.here: set[str] = set()
        self.last: Round | None = None
        self.scored: Round | None = None  # the newest with loss or accuracy, which may be told a round late
        self.sessions = 0
        self.began: float | None = None  # the round that runs
        self.ended = False
        self._since: list[Event] = []  # the last finished round and what was told after it
        self._seconds: deque[float] = deque(maxlen=_PACE)

    def take(self, event: Event) -> Round | None:
        """The round that the event finishes, if it does."""
        if event.type == Type.SESSION:
            self._begin(event)
        elif event.type == Type.CONNECTED and len(self.here) < _MOST_NAMES:
            self.here.add(name_of(event))
        elif event.type == Type.LOST:
            self.here.discard(name_of(event))
        elif event.type == Type.METRIC and len(self._since) < _MOST_METRICS:
            self._since.append(event)
        elif event.type == Type.END:
            self.ended = True
        return self._finish(event) if event.type == Type.ROUND else None

    @property
    def finished(self) -> int:
        return self.last.round if self.last else 0

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.facts.members if one.name not in self.here)

    def left(self, now: float) -> float | None:
        """The seconds that the other rounds should take, or None where nothing is known yet."""
        if not self._seconds or self.began is None:
            return None
        pace = statistics.median(self._seconds)
        remaining = max(self.facts.rounds - self.finished, 0)
        spent = min(max(now - self.began, 0), pace) if remaining else 0
        return remaining * pace - spent

    def _begin(self, event: Event) -> None:
        self.sessions += 1
        self.here.clear()  # who is still there connects again
        self.ended = False
        self.began = event.time
        self._since.append(event)

    def _finish(self, event: Event) -> Round | None:
        known = rounds([*self._since, event])
        found = [one for one in known if one.round == event.fields.get("round")]
        if not found:
            return None
        self.last = found[0]
        self.scored = next((one for one in reversed(known) if one.has_score), self.scored)
        self._seconds.append(self.last.seconds)
        self.began = event.time
        self._since = [event]
        return self.last

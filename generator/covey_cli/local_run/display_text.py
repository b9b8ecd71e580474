"""The display for people: finished things as lines; on a terminal one live line below them, which leaves no trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from covey_cli.console import safe
from covey_cli.report.happenings import sentence
from covey_core.launch.events import Type
from covey_core.results.timeline import moment

from . import display_end
from .display_state import Progress
from .display_words import columns, live, round_line, sign_of_life

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from covey_cli.local_run.files import Results
    from covey_core.launch.events import Event
    from covey_core.results.summary import RunFacts

    from .display_stream import Stream

_QUIET: Final = 10.0  # seconds without a line, after which a log gets a sign of life
_QUIETEST: Final = 60.0
_MANY: Final = 20  # collaborators; of more, only those who come late are told one by one
_LONGEST: Final = 2000
_COLORS: Final = {"restarted": "yellow", "lost": "yellow", "error": "red"}
_STATES: Final = {"Completed": "green", "Failed": "red", "Interrupted": "yellow"}


class Text:
    def __init__(self, facts: RunFacts, out: Stream, folder: Path, *, clock: Callable[[], float]) -> None:
        self._progress = Progress(facts)
        self._out = out
        self._folder = folder
        self._clock = clock
        self._started = self._said = clock()
        self._pause = _QUIET
        self._painted = ""
        self._closed = False

    def say(self, text: str) -> None:
        self._line(safe(text, longest=_LONGEST))

    def event(self, event: Event, *, replay: bool) -> None:
        again = event.type == Type.SESSION and self._progress.sessions > 0
        finished = self._progress.take(event)
        if replay:
            return
        if finished:
            self._line(round_line(finished, self._progress.scored, rounds=self._progress.facts.rounds))
        elif self._worth_a_line(event) and (happened := moment(event, start=self._started, again=again)):
            self._line(self._out.style(safe(sentence(happened)), color=_COLORS.get(happened.kind)))

    def tick(self) -> None:
        if self._closed:
            return
        now = self._clock()
        elapsed = max(now - self._started, 0)
        if self._out.live:
            width = self._out.columns() - 1  # a full line would wrap the cursor
            text = self._out.shown(live(self._progress, now=now, elapsed=elapsed, width=width))
            self._paint(text if columns(text) <= width else text[:width])
        elif not 0 <= now - self._said < self._pause:
            pause = min(self._pause * 2, _QUIETEST)
            self._line(sign_of_life(self._progress, now=now, elapsed=elapsed))
            self._pause = pause

    def finished(self, results: Results) -> None:
        color = _STATES.get(results.summary.state.value)
        self._last(display_end.lines(results, folder=self._folder), color=color)
        self.close()

    def failed(self, message: str, *, results: Results | None) -> None:
        color = _STATES.get(results.summary.state.value) if results else "red"
        told = [("", safe(message, longest=_LONGEST))]
        told += display_end.failure(self._progress.facts, folder=self._folder)
        self._last(told, color=color)
        self.close()

    def close(self) -> None:
        self._out.write(self._wiped())
        self._closed = True

    def _worth_a_line(self, event: Event) -> bool:
        if event.type == Type.END or (event.type == Type.SESSION and self._progress.sessions == 1):
            return False
        many = max(len(self._progress.facts.members), len(self._progress.here)) > _MANY
        return event.type != Type.CONNECTED or not many or self._progress.finished > 0

    def _last(self, told: Sequence[tuple[str, str]], *, color: str | None) -> None:
        """The verdict, and what belongs to it in two columns."""
        (_, verdict), *others = told
        lines = [f"  {self._out.style(name.ljust(8), dim=True)}  {text}" for name, text in others]
        self._line("\n".join([self._out.style(verdict, color=color, bold=True), *lines]))

    def _line(self, text: str) -> None:
        self._out.write(f"{self._wiped()}{text}\n")
        self._said = self._clock()
        self._pause = _QUIET

    def _paint(self, text: str) -> None:
        if text != self._painted:
            self._out.write(self._wiped() + text)
            self._painted = text

    def _wiped(self) -> str:
        """What takes the live line away; a terminal that became narrower has broken it into several."""
        if not self._painted:
            return ""
        above = (columns(self._painted) - 1) // max(self._out.columns(), 1)
        self._painted = ""
        return (f"\x1b[{above}A" if above else "") + "\r\x1b[J"

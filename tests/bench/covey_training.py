"""`covey run` as a contestant: with its proxies, mutual TLS, checkpoints, evaluation and report."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from trainings import Training

from local_runs import LocalRun, fleet_repo

if TYPE_CHECKING:
    from pathlib import Path

    from trainings import Setting

NOTE = "mutual TLS 1.3 through Envoy on both ends, a checkpoint of every round, evaluation and report at the end"


def train(setting: Setting, folder: Path) -> Training:
    job = fleet_repo(folder, runtime=setting.runtime, app=setting.app, rounds=setting.rounds)
    began = time.time()
    run = LocalRun(folder, job, "-n", setting.nodes)
    try:
        if run.wait(setting.seconds):
            raise RuntimeError(f"`covey run` failed: {run.out[-2000:]}{run.err[-2000:]}")
        ended = time.time()
        marks = tuple(event.time for event in run.events("round"))
        took_part = {len(event.fields["collaborators"]) for event in run.events("round")}
        if len(marks) != setting.rounds or took_part != {setting.nodes}:
            raise RuntimeError(f"{len(marks)} rounds with {took_part} collaborators, which is not what was asked for.")
        return Training(began, ended, marks, _steps(run, began, ended))
    finally:
        run.close()


def _steps(run: LocalRun, began: float, ended: float) -> tuple[tuple[str, float], ...]:
    """Where the time went, from the start of the command to its end."""
    started = json.loads((run.folder / "run.json").read_text())["started"]
    times = {
        "data, folders and certificates of the run": started,
        "the aggregator's launcher tells its session": run.events("session")[0].time,
        "all collaborators connected": run.events("connected")[-1].time,
        "round 1": run.events("round")[0].time,
        "the other rounds": run.events("round")[-1].time,
        "the end of the aggregator's launcher": run.events("end")[-1].time,
        "goodbye, evaluation, report": ended,
    }
    moments = [began, *times.values()]
    return tuple((name, after - before) for name, before, after in zip(times, moments, moments[1:], strict=False))

"""The last words about a run, for people and for programs: how it went, where everything is, what to do next."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from covey_cli.console import safe
from covey_cli.errors import UserError
from covey_cli.local_run.files import REPORT, RUNS
from covey_cli.options import find_runs_root
from covey_cli.output import count
from covey_cli.report.words import duration, percent
from covey_core.results.codec import encode
from covey_core.results.summary import State

if TYPE_CHECKING:
    from covey_cli.local_run.files import Results
    from covey_core.results.evaluation import ClassResult, Evaluation
    from covey_core.results.summary import RunFacts, Summary

_WORST: Final = 3
_MOST_FILES: Final = 8


def lines(results: Results, *, folder: Path) -> list[tuple[str, str]]:
    """Of a run that has completed: (name, text), the verdict first and without a name."""
    summary = results.summary
    told = [("", verdict(summary))]
    if summary.evaluation:
        told += _evaluated(summary.evaluation)
    elif summary.last and summary.last.accuracy is not None:
        told.append(("accuracy", f"{percent(summary.last.accuracy)} in training; there was no test on held-out data"))
    told += [("model", text) for text in _models(summary, folder)]
    if (folder / REPORT).is_file():
        told.append(("report", shown(folder / REPORT)))
    return [*told, *_logs(folder, summary.run), ("next", _report(summary.run, folder))]


def failure(facts: RunFacts, *, folder: Path) -> list[tuple[str, str]]:
    """Where to look after a run that could not be finished."""
    return [*_logs(folder, facts), ("next", _report(facts, folder))]


def as_json(results: Results, *, folder: Path) -> dict[str, Any]:
    summary = results.summary
    report = folder / REPORT
    return {
        "state": summary.state.value,
        "message": summary.message,
        "id": summary.run.id,
        "seconds": round(summary.seconds, 3),
        "rounds": summary.run.rounds,
        "finishedRounds": summary.finished_rounds,
        "accuracy": summary.accuracy,
        "models": encode(summary.models),
        "folder": str(folder),
        "report": str(report) if report.is_file() else None,
    }


def failure_as_json(facts: RunFacts, message: str, *, folder: Path, seconds: float) -> dict[str, Any]:
    return {
        "state": State.FAILED.value,
        "message": message,
        "id": facts.id,
        "seconds": round(seconds, 3),
        "rounds": facts.rounds,
        "finishedRounds": None,
        "accuracy": None,
        "models": [],
        "folder": str(folder),
        "report": None,
    }


def verdict(summary: Summary) -> str:
    done = f"{summary.finished_rounds:,} of {count(summary.run.rounds, 'round')}"
    return f"{summary.state.value}: {safe(summary.run.id, longest=80)}, {done} in {duration(summary.seconds)}"


def shown(path: Path) -> str:
    """As somebody would type it from here."""
    near = os.path.relpath(path)
    return safe(str(path) if near.startswith("..") else near)


def _evaluated(found: Evaluation) -> list[tuple[str, str]]:
    """Overall, and the classes of which the least was found."""
    right = f"{found.correct:,} of {count(found.samples, 'sample')} right"
    told = [("accuracy", f"{percent(found.accuracy)} on held-out data: {right}")]
    known = [(one.recall, at, one) for at, one in enumerate(found.classes) if one.recall is not None and one.recall < 1]
    worst = [one for _, _, one in sorted(known, key=lambda item: item[:2])[:_WORST]]
    return [*told, ("worst", "class " + ", ".join(map(_class, worst)))] if worst else told


def _class(one: ClassResult) -> str:
    return f"{safe(one.name, longest=40)} ({percent(one.recall)} of {one.support:,} found)"


def _models(summary: Summary, folder: Path) -> list[str]:
    files = [f"{shown(folder / one.file)} ({safe(one.format, longest=60)})" for one in summary.models[:_MOST_FILES]]
    more = len(summary.models) - len(files)
    return [*files, f"and {count(more, 'more file')}"] if more > 0 else files


def resumption(facts: RunFacts, folder: Path) -> str:
    """The command that goes on with the run, as it can be typed here."""
    return f"covey run --resume {safe(facts.id, longest=80)}{_where(folder)}"


def _report(facts: RunFacts, folder: Path) -> str:
    return f"covey report {safe(facts.id, longest=80)}{_where(folder)} --open"


def _where(folder: Path) -> str:
    """The runs of a job elsewhere must be named."""
    runs = folder.absolute().parent
    try:
        near = find_runs_root(Path.cwd()) / RUNS == runs
    except UserError:
        near = False
    return "" if near else f" --root {shlex.quote(shown(runs.parents[1]))}"


def _logs(folder: Path, facts: RunFacts) -> list[tuple[str, str]]:
    """Of each side's programs, and of the runtime on the aggregator's."""
    own = folder / Path(facts.events).parent / "logs"
    return [("logs", shown(folder / "*" / "*.log")), ("", shown(own))]

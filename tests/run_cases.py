"""The cases in tests/cases/runs: a run's facts and events, how it ended, and the files that come of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from covey_cli.local_run import files as run_files
from covey_core.results.codec import decode
from covey_core.results.evaluation import evaluate
from covey_core.results.summary import ModelFile, Outcome, State

CASES = Path(__file__).parent / "cases/runs"
NAMES = sorted(path.name for path in CASES.iterdir())


def begun(name: str, root: Path) -> Path:
    """The case's run in the fleet repo at `root`, as it is before `finish`."""
    folder = root / run_files.RUNS / json.loads((CASES / name / "run.json").read_text())["id"]
    folder.mkdir(parents=True)
    for file in ("run.json", "events.jsonl"):
        shutil.copy(CASES / name / file, folder)
    return folder


def finished(name: str, root: Path) -> tuple[Path, run_files.Results]:
    """The same, after `finish`."""
    folder = begun(name, root)
    return folder, run_files.finish(folder, outcome(name))


def outcome(name: str) -> Outcome:
    said = json.loads((CASES / name / "outcome.json").read_text())
    classes = (json.loads((CASES / name / "run.json").read_text())["data"] or {}).get("classes", ())
    return Outcome(
        state=State(said["state"]),
        message=said.get("message", ""),
        evaluation=evaluate(said["truth"], said["predicted"], classes=classes) if "truth" in said else None,
        models=tuple(decode(ModelFile, model) for model in said.get("models", ())),
    )

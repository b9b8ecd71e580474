"""The local runs of a fleet repo: which there are, and which one a word names."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from covey_cli.errors import UserError, did_you_mean
from covey_cli.local_run.files import FACTS, RUNS, Results, load, read_facts

if TYPE_CHECKING:
    from pathlib import Path

    from covey_core.results.summary import RunFacts


class Run(NamedTuple):
    """A run's folder and what is known of the run."""

    folder: Path
    results: Results


class Listing(NamedTuple):
    """The runs, newest first, and a sentence for each that can't be read."""

    runs: tuple[Run, ...]
    problems: tuple[UserError, ...]


def listing(root: Path) -> Listing:
    runs, problems = [], []
    for folder in _folders(root):
        try:
            runs.append(Run(folder, load(folder)))
        except UserError as error:
            problems.append(error)
    newest_first = sorted(runs, key=lambda run: _age(run.results.summary.run), reverse=True)
    return Listing(tuple(newest_first), tuple(problems))


def find(root: Path, word: str | None) -> Path:
    """The run of that id, or the only one that begins so, or the newest of that job; without a word the newest."""
    folders = _folders(root)
    if word:
        named = [one for one in folders if one.name == word] or [one for one in folders if one.name.startswith(word)]
        if len(named) == 1:
            return named[0]
    known = [(facts, folder) for folder in folders if (facts := _facts(folder))]
    wanted = [one for one in known if word in (None, one[0].job, f"{one[0].namespace}/{one[0].job}")]
    if wanted:
        return max(wanted, key=lambda one: _age(one[0]))[1]
    if not word or not folders:
        raise UserError(f"There is no local run in {root}.", hint="`covey run JOB` makes one.")
    close = did_you_mean(word, [one.name for one in folders] + [facts.job for facts, _ in known])
    raise UserError(f"No local run has the id or the job {word!r}.{close}", hint="`covey runs` lists them.")


def _age(facts: RunFacts) -> tuple[float, str]:
    return facts.started, facts.id


def _facts(folder: Path) -> RunFacts | None:
    """None where they can't be read: `covey runs` says so."""
    try:
        return read_facts(folder)
    except UserError:
        return None


def _folders(root: Path) -> list[Path]:
    """Folders with a `run.json`; whatever else lies there is none of ours."""
    return sorted(path.parent for path in (root / RUNS).glob(f"*/{FACTS}"))

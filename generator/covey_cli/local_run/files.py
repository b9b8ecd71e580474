"""The files of one local run: `run.json` when it starts; metrics, summary and report when it has ended.

`covey run` calls `begin`, holds `held` while it lasts, and calls `finish`; readers call `load` at any time.
"""

from __future__ import annotations

import fcntl
import json
import math
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from covey_cli.errors import UserError
from covey_cli.files import read_bytes, safe_path
from covey_cli.locking import hold
from covey_cli.options import RUNS as RUNS  # noqa: PLC0414 - whoever reads runs finds it here
from covey_cli.staging import Change, Staging, reason
from covey_core.launch.events import BadLineError, Event
from covey_core.launch.events import decode as decode_event
from covey_core.results.codec import BadShapeError, decode, encode
from covey_core.results.series import Round, rounds
from covey_core.results.summary import VERSION, Outcome, RunFacts, State, Summary, summarize
from covey_runtimes.launch.event_log import Lines

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

FACTS, ROUNDS, SUMMARY, REPORT = "run.json", "round_metrics.jsonl", "metrics_summary.json", "report.html"
_LOCK: Final = "run.lock"
_PATIENCE: Final = 2.0  # seconds; who holds it goes on for minutes
_MOST_BYTES: Final = 256 << 20
Model = TypeVar("Model", RunFacts, Round, Summary)


@dataclass(frozen=True, slots=True)
class Results:
    """All that a report shows."""

    summary: Summary
    rounds: tuple[Round, ...]


def begin(folder: Path, facts: RunFacts) -> None:
    """Writes `run.json` into the run's folder, which must be there."""
    _write(folder, [_json(FACTS, facts)])


def held(folder: Path) -> AbstractContextManager[None]:
    """Says to others, as long as it is held, that the run goes on; freed by the kernel when its holder dies."""
    return hold(folder / _LOCK, patience=_PATIENCE)


def is_held(folder: Path) -> bool:
    try:
        descriptor = os.open(folder / _LOCK, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def finish(folder: Path, outcome: Outcome) -> Results:
    """Writes metrics and summary of a run that has ended, and then its report, which needs the extra `local`."""
    results = _from_events(folder, read_facts(folder), outcome)
    lines = b"".join(_line(one) + b"\n" for one in results.rounds)
    _write(folder, [Change(ROUNDS, lines), _json(SUMMARY, results.summary)])
    write_report(folder, folder / REPORT)
    return results


def write_report(folder: Path, target: Path) -> Results:
    """Writes the page of the run in `folder`, as far as it has come."""
    from covey_cli.report.page import page  # noqa: PLC0415 - needs the extra `local`

    results = load(folder)
    _write(target.parent, [Change(target.name, page(results).encode())])
    return results


def load(folder: Path) -> Results:
    """From the files that `finish` wrote, or else from the events so far."""
    if not (folder / SUMMARY).is_file():
        state = State.RUNNING if is_held(folder) else State.INTERRUPTED
        return _from_events(folder, read_facts(folder), Outcome(state))
    summary = _model(Summary, folder / SUMMARY, _parsed(folder / SUMMARY, read_bytes(folder / SUMMARY, _MOST_BYTES)))
    _known(summary.version, folder / SUMMARY)
    lines = read_bytes(folder / ROUNDS, _MOST_BYTES).splitlines()
    return Results(summary, tuple(_model(Round, folder / ROUNDS, _parsed(folder / ROUNDS, line)) for line in lines))


def read_facts(folder: Path) -> RunFacts:
    path = folder / FACTS
    facts = _model(RunFacts, path, _parsed(path, read_bytes(path, _MOST_BYTES)))
    _known(facts.version, path)
    return facts


def _from_events(folder: Path, facts: RunFacts, outcome: Outcome) -> Results:
    events, unreadable = _read_events(safe_path(folder, facts.events))
    found = rounds(events, start=facts.started)
    return Results(summarize(facts, events, rounds=found, outcome=outcome, unreadable=unreadable), found)


def _read_events(path: Path) -> tuple[Sequence[Event], int]:
    """The events, and how many lines are none."""
    events: list[Event] = []
    unreadable = 0
    _check_readable(path)
    try:
        for line in Lines(path):
            event = _event(line)
            if event:
                events.append(event)
            else:
                unreadable += 1
    except OSError as error:
        raise UserError(f"Can't read {path}: {reason(error)}.") from None
    return events, unreadable


def _check_readable(path: Path) -> None:
    """A training process could put a pipe there, on which a reader would wait for ever, or fill the disk."""
    if path.exists() and not path.is_file():
        raise UserError(f"{path} is not a file.", hint="Covey did not write it so; delete the run's folder.")
    if path.is_file() and path.stat().st_size > _MOST_BYTES:
        raise UserError(f"{path} has {path.stat().st_size:,} bytes; the limit is {_MOST_BYTES:,}.")


def _event(line: bytes) -> Event | None:
    try:
        event = decode_event(line)
    except (BadLineError, OverflowError):
        return None
    return event if math.isfinite(event.time) else None


def _write(folder: Path, changes: Sequence[Change]) -> None:
    with Staging(folder) as staging:
        staging.stage(changes, [])
        staging.apply()


def _json(name: str, model: RunFacts | Summary) -> Change:
    return Change(name, json.dumps(encode(model), indent=2, allow_nan=False).encode() + b"\n")


def _line(one: Round) -> bytes:
    return json.dumps(encode(one), allow_nan=False).encode()


def _parsed(path: Path, data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise UserError(f"{path} is not JSON.", hint="Covey did not write it so; delete the run's folder.") from None


def _model(kind: type[Model], path: Path, value: Any) -> Model:
    try:
        return decode(kind, value)
    except BadShapeError as error:
        raise UserError(f"{path}: {error}.", hint="Covey did not write it so; delete the run's folder.") from None


def _known(version: int, path: Path) -> None:
    if version != VERSION:
        raise UserError(
            f"{path} has version {version}; this Covey reads version {VERSION}.",
            hint="Use the Covey that made the run.",
        )

"""Numbers, times and sentences of the report."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from covey_cli.output import count
from covey_core.results.summary import State

if TYPE_CHECKING:
    from covey_core.results.evaluation import Mistake
    from covey_core.results.summary import Summary

NOTHING: Final = "—"
_MINUTE, _HOUR = 60, 3600


def percent(value: float | None) -> str:
    """`96.1%`, and never 100% for less than all."""
    if value is None:
        return NOTHING
    shown = f"{value * 100:.1f}"
    if shown == "100.0" and value < 1:
        shown = "99.9"
    return f"{shown.removesuffix('.0')}%"


def number(value: float | None) -> str:
    """`1,438`, `0.213`, `1.2e-05`."""
    if value is None:
        return NOTHING
    if isinstance(value, int) or (value == int(value) and abs(value) < 1e15):  # noqa: PLR2004 - whole up to here
        return f"{int(value):,}"
    return f"{value:,.1f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004 - three digits are enough


def duration(seconds: float) -> str:
    """`1.8 s`, `47 s`, `3 min 5 s`, `2 h 10 min`."""
    if seconds < 10:  # noqa: PLR2004 - tenths matter below
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR:,} h {whole % _HOUR // _MINUTE} min"


def moment(seconds: float | None) -> str:
    """`23 Nov 2026, 06:27 UTC`."""
    if seconds is None:
        return NOTHING
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%-d %b %Y, %H:%M UTC}"
    except (ValueError, OverflowError, OSError):
        return "at an unknown time"


def size(number_of_bytes: int) -> str:
    value = float(number_of_bytes)
    for unit in ("B", "KiB", "MiB"):
        if value < 1024:  # noqa: PLR2004 - the step of the units
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:,.1f} GiB"


def headline(summary: Summary) -> str:
    """The result in one sentence."""
    if summary.state is not State.COMPLETED:
        return _unfinished(summary)
    if summary.evaluation:
        found = summary.evaluation
        return f"The model is right on {percent(found.accuracy)} of samples that it had never seen."
    rounds = count(summary.finished_rounds, "round")
    if summary.last and summary.last.accuracy is not None:
        return f"After {rounds} of training the model's accuracy is {percent(summary.last.accuracy)}."
    if summary.last and summary.last.loss is not None:
        return f"After {rounds} of training the model's loss is {number(summary.last.loss)}."
    return f"Training is done: {rounds}. How good the model is was not measured."


def _unfinished(summary: Summary) -> str:
    done = f"{summary.finished_rounds} of {count(summary.run.rounds, 'round')}"
    if summary.state is State.RUNNING:
        return f"Training is going on: {done} so far."
    verb = "failed" if summary.state is State.FAILED else "was interrupted"
    return f"Training {verb} after {done}" + (f": {summary.message}" if summary.message else ".")


def unfinished(summary: Summary) -> str:
    """What to say beside the report of a run that has no end; empty for one that has."""
    done = f"{summary.finished_rounds} of {count(summary.run.rounds, 'round')}"
    if summary.state is State.RUNNING:
        return f"The run goes on ({done} so far): `covey report {summary.run.id}` shows what is known by then."
    if summary.state is State.INTERRUPTED:
        return f"The run was interrupted ({done}): `covey run --resume {summary.run.id}` goes on with it."
    return ""


def subject(summary: Summary) -> str:
    """Who trained on what, in the sentence after the headline."""
    run = summary.run
    if not summary.collaborators:
        return "No collaborator has joined."
    samples = sum(one.samples or 0 for one in summary.collaborators)
    held = f" {samples:,} samples" if samples else " data"
    of = f" of the data set {run.data.name!r}" if run.data else ""
    whom = count(len(summary.collaborators), "collaborator")
    together = " together" if len(summary.collaborators) > 1 else ""
    first = f"{whom} trained one model{together} on{held}{of}, in {count(summary.finished_rounds, 'round')}."
    return f"{first} Each kept its own samples; only what the model learned from them was exchanged."


def no_model(summary: Summary) -> str:
    if summary.state is State.COMPLETED:
        return "No file of the model was kept."
    return "There is no model yet: it is written after the last round."


def mistakes(worst: tuple[Mistake, ...]) -> str:
    if not worst:
        return "No class was taken for another."
    told = [f"{one.number} of {one.support:,} {one.true!r} taken for {one.predicted!r}" for one in worst]
    return "The most frequent mistakes: " + ", ".join(told) + "."

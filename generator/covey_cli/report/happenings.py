"""The timeline of the report: a line with a mark for each thing that happened, and the same as a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .charts import thinned
from .words import duration

if TYPE_CHECKING:
    from covey_cli.local_run.files import Results
    from covey_core.results.timeline import Moment

_WORDS: Final = {
    "started": "The aggregator started.",
    "restarted": "The aggregator was started again.",
    "connected": "{who} connected.",
    "lost": "{who} was lost.",
    "error": "An error.",
    "end": "Training ended.",
    "cut": "",
}
_MARKED: Final = ("restarted", "lost", "error")
_SPAN: Final = 1000.0


@dataclass(frozen=True, slots=True)
class Mark:
    """`at` from 0 to 1000 along the line."""

    at: float
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    when: str
    kind: str
    text: str


def marks(results: Results) -> list[Mark]:
    """Finished rounds, and what went wrong."""
    whole = max(results.summary.seconds, *(one.ended for one in results.rounds), 0.001, 0)
    ends = thinned(tuple((one.round, one.ended) for one in results.rounds))
    rounds = [Mark(_along(at, whole), "round", f"Round {number:,} ended after {duration(at)}") for number, at in ends]
    moments = [one for one in results.summary.timeline if one.kind in _MARKED]
    return rounds + [Mark(_along(one.at, whole), one.kind, f"{duration(one.at)}: {sentence(one)}") for one in moments]


def entries(results: Results) -> list[Entry]:
    return [Entry(duration(one.at), one.kind, sentence(one)) for one in results.summary.timeline]


def sentence(one: Moment) -> str:
    words = _WORDS.get(one.kind, "").format(who=one.who or "A collaborator")
    return f"{words.removesuffix('.')}: {one.text}".removeprefix(": ") if one.text else words


def _along(at: float, whole: float) -> float:
    return round(_SPAN * min(max(at / whole, 0), 1), 1)

"""What the page shows of a run's results, bounded: a report of a thousand collaborators must open, too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from covey_core.results.evaluation import worst_mistakes
from covey_core.results.series import by_collaborator

from .charts import SMALL, Chart, Points, accuracy_scale, chart, scale, show_accuracy, thinned
from .words import NOTHING, duration, mistakes, moment, number, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from covey_cli.local_run.files import Results
    from covey_core.results.series import Round, Share
    from covey_core.results.summary import Contribution, Summary

MOST_CARDS: Final = 24
MOST_ROWS: Final = 100
MOST_CLASSES: Final = 20  # across, as columns
_MOST_OTHERS: Final = 4
_SHADES: Final = 10


@dataclass(frozen=True, slots=True)
class Cell:
    """`shade` from 0 to 10 is how dark the cell is; `mark` sets it apart (the diagonal)."""

    text: str
    shade: int
    mark: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of numbers, shaded."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One collaborator."""

    who: Contribution
    chart: Chart | None


def round_charts(rounds: Sequence[Round]) -> list[Chart]:
    """Accuracy, loss and seconds, and further metrics if there are not too many."""
    named = {"Accuracy": _points(rounds, "accuracy"), "Loss": _points(rounds, "loss")}
    others = sorted({name for one in rounds for name in one.others})[:_MOST_OTHERS]
    named |= {name: tuple((one.round, one.others[name]) for one in rounds if name in one.others) for name in others}
    charts = [_own_chart(name, points) for name, points in named.items() if points]
    seconds: Points = tuple((one.round, one.seconds) for one in rounds)
    if seconds:
        up = scale([value for _, value in seconds], zero=True)
        charts.append(chart("Seconds per round", [("time", seconds)], up=up))
    return charts


def cards(results: Results) -> list[Card]:
    """Each with its accuracy (or loss) beside the federation's, all on one scale."""
    taken = by_collaborator(results.rounds)
    shown = results.summary.collaborators[:MOST_CARDS]
    known = [taken.get(one.name, []) for one in shown]
    metric = "accuracy" if any(share.accuracy is not None for own in known for _, share in own) else "loss"
    lines = [_shares(own, metric) for own in known]
    whole = _points(results.rounds, metric)
    values = [value for points in (*lines, whole) for _, value in points]
    up = accuracy_scale(values) if metric == "accuracy" else scale(values)
    show = show_accuracy(up) if metric == "accuracy" else number
    return [
        Card(
            one,
            chart(metric.title(), [("own", points), ("whole", whole)], up=up, frame=SMALL, show=show)
            if points
            else None,
        )
        for one, points in zip(shown, lines, strict=True)
    ]


def holdings(summary: Summary) -> Grid | None:
    """Who holds how many samples of which class."""
    classes = summary.run.data.classes if summary.run.data else ()
    held = [one for one in summary.collaborators[:MOST_ROWS] if one.counts]
    if not held or not 0 < len(classes) <= MOST_CLASSES:
        return None
    most = max(1, *(one.counts.get(name, 0) for one in held for name in classes))
    rows = [(one.name, tuple(_cell(one.counts.get(name, 0), most) for name in classes)) for one in held]
    return Grid(tuple(classes), tuple(rows))


def confusion(summary: Summary) -> Grid | None:
    """Rows are what a sample is, columns what it was taken for; shaded by the share of the row."""
    found = summary.evaluation
    if not found or len(found.classes) > MOST_CLASSES:
        return None
    names = tuple(one.name for one in found.classes)
    rows = [
        (name, tuple(_cell(value, max(1, sum(row)), mark=at == column) for column, value in enumerate(row)))
        for at, (name, row) in enumerate(zip(names, found.confusion, strict=False))
    ]
    return Grid(names, tuple(rows))


def mistakes_of(summary: Summary) -> str:
    return mistakes(worst_mistakes(summary.evaluation, most=3)) if summary.evaluation else ""


def facts(summary: Summary) -> list[tuple[str, str]]:
    """The tiles at the top: (name, value)."""
    samples = sum(one.samples or 0 for one in summary.collaborators)
    best = summary.best
    told = [
        ("Rounds", f"{summary.finished_rounds:,} of {summary.run.rounds:,}"),
        ("Collaborators", f"{len(summary.collaborators):,}"),
        ("Samples trained on", f"{samples:,}" if samples else NOTHING),
        ("Time", duration(summary.seconds)),
        ("Interruptions", f"{summary.attempts.restarts + summary.attempts.lost + summary.attempts.errors:,}"),
    ]
    if summary.accuracy is not None:
        name = "Accuracy on unseen samples" if summary.evaluation else "Accuracy in training"
        told.insert(0, (name, percent(summary.accuracy)))
    elif best and best.loss is not None:
        told.insert(0, ("Lowest loss", number(best.loss)))
    return told


def provenance(summary: Summary) -> list[tuple[str, str]]:
    """(name, value), without those that nobody told."""
    run = summary.run
    told = [
        ("Job", f"{run.namespace}/{run.job}, run {run.number}"),
        ("Run", run.id),
        ("Started", moment(run.started)),
        ("Ended", moment(summary.ended)),
        ("Runtime", f"{run.runtime} {run.runtime_version}".strip()),
        ("Covey", run.covey),
        ("Data", run.data.source if run.data else ""),
        ("Split", f"{run.data.split}, seed {run.data.seed}" if run.data and run.data.split else ""),
        ("Held out for the test", number(run.data.held_out) + " samples" if run.data and run.data.held_out else ""),
        ("Digest of the spec", run.spec_digest),
        ("Digest of the inputs", run.inputs_digest),
        ("Digest of the app", run.app_digest),
    ]
    return [(name, value) for name, value in told if value and value != NOTHING]


def shown_rounds(rounds: Sequence[Round]) -> tuple[Round, ...]:
    """At most `MOST_ROWS`, the first and the last among them."""
    kept = {at for at, _ in thinned(tuple((at, 0.0) for at in range(len(rounds))), MOST_ROWS)}
    return tuple(one for at, one in enumerate(rounds) if at in kept)


def _own_chart(name: str, points: Points) -> Chart:
    values = [value for _, value in points]
    up = accuracy_scale(values) if name == "Accuracy" else scale(values)
    show = show_accuracy(up) if name == "Accuracy" else number
    return chart(f"{name} per round", [("main", points)], up=up, show=show)


def _points(rounds: Sequence[Round], metric: str) -> Points:
    values = [(one.round, one.accuracy if metric == "accuracy" else one.loss) for one in rounds]
    return tuple((at, value) for at, value in values if value is not None)


def _shares(taken: Sequence[tuple[int, Share]], metric: str) -> Points:
    values = [(at, share.accuracy if metric == "accuracy" else share.loss) for at, share in taken]
    return tuple((at, value) for at, value in values if value is not None)


def _cell(value: int, most: int, *, mark: bool = False) -> Cell:
    shade = 0 if value <= 0 else max(1, round(_SHADES * min(value / most, 1)))
    return Cell(f"{value:,}" if value else "·", shade, mark)

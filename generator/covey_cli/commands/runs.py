"""`covey runs`: the local runs of the fleet repo and how they went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from covey_cli.command import command as declare
from covey_cli.errors import Exit
from covey_cli.options import format_option, runs_root_option

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from covey_cli.local_run.listing import Run

_COLORS: Final = {"Completed": "green", "Failed": "red", "Interrupted": "yellow", "Running": "blue"}
_HEADINGS: Final = ("RUN", "JOB", "RUNTIME", "STATE", "ROUNDS", "ACCURACY", "STARTED", "TIME")
_STATE: Final = _HEADINGS.index("STATE")


@declare(
    "runs",
    examples=(
        ("The local runs, newest first", "covey runs"),
        ("The same for a program", "covey runs --format json"),
    ),
)
@format_option("text", "json")
@runs_root_option
def command(root: Path, format: str) -> int:  # noqa: A002 - the option's name
    """List the runs that `covey run` made on this machine.

    Accuracy is that on the samples kept aside, or else what the runtime told last. A run that nobody works on any more
    and that has not ended is Interrupted: `covey run --resume` goes on with it. Exits with 1 if a run can't be read.
    """
    from covey_cli.local_run.listing import listing  # noqa: PLC0415 - help must be quick
    from covey_cli.output import emit_json  # noqa: PLC0415

    runs, problems = listing(root)
    if format == "json":
        emit_json({"runs": [_as_json(run) for run in runs], "problems": [error.message for error in problems]})
    elif runs:
        _print([_HEADINGS, *map(_row, runs)])
    else:
        click.echo("There are no local runs: `covey run JOB` makes one.")
    for error in problems:
        click.echo(f"error: {error.message}", err=True)
    return Exit.FINDINGS if problems else Exit.CLEAN


def _as_json(run: Run) -> dict[str, Any]:
    summary = run.results.summary
    return {
        "id": summary.run.id,
        "namespace": summary.run.namespace,
        "job": summary.run.job,
        "number": summary.run.number,
        "runtime": summary.run.runtime,
        "state": summary.state.value,
        "rounds": summary.run.rounds,
        "finishedRounds": summary.finished_rounds,
        "accuracy": summary.accuracy,
        "started": summary.run.started,
        "seconds": summary.seconds,
        "folder": str(run.folder),
    }


def _row(run: Run) -> tuple[str, ...]:
    from covey_cli.report.words import duration, moment, percent  # noqa: PLC0415 - help must be quick

    summary = run.results.summary
    return (
        summary.run.id,
        f"{summary.run.namespace}/{summary.run.job}",
        summary.run.runtime,
        summary.state.value,
        f"{summary.finished_rounds}/{summary.run.rounds}",
        percent(summary.accuracy),
        moment(summary.run.started),
        duration(summary.seconds),
    )


def _print(rows: Sequence[tuple[str, ...]]) -> None:
    from covey_cli.console import safe  # noqa: PLC0415 - help must be quick

    shown = [[safe(cell, longest=60) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        cells[_STATE] = click.style(cells[_STATE], fg=_COLORS.get(row[_STATE]))
        click.echo("  ".join(cells).rstrip())

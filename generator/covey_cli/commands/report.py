"""`covey report`: a local run as one HTML page."""

from __future__ import annotations

from pathlib import Path

import click

from covey_cli.command import command as declare
from covey_cli.options import runs_root_option


@declare(
    "report",
    examples=(
        ("Write the report of the newest run", "covey report"),
        ("The newest run of a job, in the browser", "covey report digits --open"),
        ("A certain run, to send it to somebody", "covey report digits-1-a1b2 --output digits.html"),
    ),
)
@click.argument("run", required=False)
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write it; by default report.html in the run's folder.",
)
@click.option("--open", "show", is_flag=True, help="Open it in the browser.")
@runs_root_option
def command(root: Path, run: str | None, output: Path | None, *, show: bool) -> None:
    """Write the report of a local run, one HTML file that needs no network.

    RUN is a run's id or the beginning of one, or a job, of which the newest run is taken; without it the newest run of
    all. A run that goes on or was interrupted is reported as far as it has come.
    """
    from covey_cli.local_run.files import REPORT, write_report  # noqa: PLC0415
    from covey_cli.local_run.listing import find  # noqa: PLC0415 - help must be quick
    from covey_cli.report.words import unfinished  # noqa: PLC0415

    folder = find(root, run)
    target = (output or folder / REPORT).absolute()
    results = write_report(folder, target)
    click.echo(target)
    if note := unfinished(results.summary):
        click.echo(note, err=True)
    if show and click.launch(target.as_uri()):
        click.echo("No browser could be opened; open the file above.", err=True)

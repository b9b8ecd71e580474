"""`covey preview`: which clusters a job would get, and why the others not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from covey_cli.command import command as declare
from covey_cli.errors import Exit
from covey_cli.options import format_option, hub_options, root_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from covey_cli.preview.choice import Choice

_FILE: Any = click.Path(dir_okay=False, path_type=Path)


@declare(
    "preview",
    examples=(
        ("All jobs, on the hub of kubectl's current context", "covey preview"),
        (
            "One job, on a certain hub, and keep what the hub said",
            "covey preview vision/digits --context hub --save hub.yaml",
        ),
        ("Without a hub, in CI: fail if a job would wait for clusters", "covey preview --snapshot hub.yaml --check"),
    ),
)
@click.argument("jobs", nargs=-1, metavar="[JOB]...")
@click.option("--snapshot", metavar="FILE", type=_FILE, help="Take what a hub holds from a file.")
@hub_options
@click.option("--save", metavar="FILE", type=_FILE, help="Write what the hub holds to a file, for --snapshot.")
@click.option("--check", is_flag=True, help="Exit with 1 if a job would get fewer clusters than it needs.")
@format_option("text", "json", "markdown")
@root_option
def command(
    root: Path,
    jobs: tuple[str, ...],
    format: str,  # noqa: A002 - the option's name
    *,
    snapshot: Path | None,
    kubeconfig: Path | None,
    context: str | None,
    save: Path | None,
    check: bool,
) -> int:
    """Show which clusters a job would get, and why the others not.

    JOB is namespace/name; without it all jobs of the fleet repo are shown. Decides as OCM's Placement does, from what
    the hub holds now and what the data owners grant in Git. Nothing is written to the hub. Claims are what clusters
    say of themselves: a preview is no promise that they will answer.
    """
    from covey_cli.output import emit  # noqa: PLC0415 - help must be quick
    from covey_cli.preview.previewing import Source, preview  # noqa: PLC0415
    from covey_core.findings import has_errors  # noqa: PLC0415

    findings, choices = preview(root, jobs, Source(snapshot, kubeconfig, context, save))
    if has_errors(findings):
        emit(findings, format="json" if format == "json" else "text")
        return Exit.FINDINGS
    _print(choices, format)
    return Exit.FINDINGS if check and not all(choice.is_enough for choice in choices) else Exit.CLEAN


def _print(choices: Sequence[Choice], format: str) -> None:  # noqa: A002 - the option's name
    from covey_cli.output import emit_json  # noqa: PLC0415 - as above
    from covey_cli.preview import printing  # noqa: PLC0415
    from covey_cli.preview.markdown import markdown  # noqa: PLC0415

    if format == "json":
        emit_json({"jobs": [printing.as_json(choice) for choice in choices]})
    elif format == "markdown":
        click.echo(markdown(choices), nl=False)
    else:
        click.echo("\n".join(printing.lines(choices)))

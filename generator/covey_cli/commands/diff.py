"""`covey diff`: what a change means, and for whom."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from covey_cli.command import command as declare
from covey_cli.errors import Exit
from covey_cli.options import format_option, root_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from covey_cli.differing import Differing
    from covey_cli.preview.comparing import Comparison


@declare(
    "diff",
    examples=(
        ("What this branch and the uncommitted changes mean", "covey diff"),
        ("What has changed since the last commit", "covey diff HEAD"),
        ("A comment for the pull request, in CI", "covey diff origin/main...HEAD --format markdown"),
        ("With the clusters that jobs gain and lose", "covey diff --snapshot hub.yaml"),
    ),
)
@click.argument("revisions", metavar="[REV | A..B]", default="")
@click.option(
    "--snapshot",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="What a hub holds, from `covey preview --save`: show which clusters jobs gain and lose, too.",
)
@format_option("text", "markdown", "json")
@root_option
def command(root: Path, format: str, revisions: str, *, snapshot: Path | None) -> int:  # noqa: A002 - the option's name
    """Show what changes, and for whom.

    Compares the manifests at REV with what the work tree renders to now; nothing is written. Without REV it starts
    where this branch left the remote's main one. A..B compares two commits as they are, A...B starts where B left A.
    """
    from covey_cli.differing import differ  # noqa: PLC0415 - help must be quick
    from covey_cli.output import emit  # noqa: PLC0415
    from covey_cli.progress import progress  # noqa: PLC0415
    from covey_core.findings import has_errors  # noqa: PLC0415

    with progress("Comparing"):
        found = differ(root, revisions)
    if has_errors(found.findings):
        emit(found.findings, format="json" if format == "json" else "text")
        return Exit.FINDINGS
    _print(found, format, _comparisons(found, snapshot) if snapshot is not None else None)
    return Exit.CLEAN


def _comparisons(found: Differing, snapshot: Path) -> list[Comparison]:
    from datetime import UTC, datetime  # noqa: PLC0415 - help must be quick

    from covey_cli.preview.comparing import compare  # noqa: PLC0415 - as above
    from covey_cli.preview.snapshot import from_file, world_of  # noqa: PLC0415

    world = world_of(from_file(snapshot), f"The snapshot {snapshot}")
    return compare(*found.trees, world, now=datetime.now(UTC))


def _print(found: Differing, format: str, clusters: Sequence[Comparison] | None) -> None:  # noqa: A002 - the option's name
    from covey_cli.difference_markdown import markdown  # noqa: PLC0415 - as above
    from covey_cli.difference_text import as_json, lines  # noqa: PLC0415
    from covey_cli.output import emit_json  # noqa: PLC0415
    from covey_cli.preview import comparison_text as choice  # noqa: PLC0415

    if format == "json":
        ends = {"before": found.before or None, "after": found.after or None}
        more = {} if clusters is None else {"clusters": choice.comparisons_as_json(clusters)}
        emit_json({**ends, **as_json(found.difference, found.files), **more})
    elif format == "markdown":
        more_lines = () if clusters is None else choice.markdown_lines(clusters)
        click.echo(markdown(found.difference, found.files, more_lines), nl=False)
    else:
        for line in (*lines(found.difference, found.files), *(() if clusters is None else choice.lines(clusters))):
            click.echo(line)

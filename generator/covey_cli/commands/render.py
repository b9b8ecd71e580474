"""`covey render`: the specs become manifests."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import click

from covey_cli.command import command as declare
from covey_cli.errors import Exit
from covey_cli.options import format_option, root_option

if TYPE_CHECKING:
    from pathlib import Path

    from covey_cli.rendering import Plan


@declare(
    "render",
    examples=(
        ("Render what has changed", "covey render"),
        ("See in CI whether rendered/ fits the specs; nothing is written", "covey render --check"),
        ("Render another fleet repo", "covey render --root ../fleet"),
    ),
)
@click.option("--check", is_flag=True, help="Write nothing; fail if rendered/ does not fit the specs.")
@format_option("text", "json", "github")
@root_option
def command(root: Path, format: str, *, check: bool) -> int:  # noqa: A002 - the option's name
    """Turn the specs into manifests under rendered/.

    The manifests are a function of the specs alone: the same specs give the same bytes. Files whose inputs have not
    changed stay untouched, also under a newer Covey; files that belong to no spec any more are removed; files that
    Covey did not write are never touched. With an error in any spec nothing is written.
    """
    from covey_cli.files import lock, write_tree  # noqa: PLC0415 - help must be quick
    from covey_cli.output import emit  # noqa: PLC0415
    from covey_cli.progress import progress  # noqa: PLC0415
    from covey_cli.rendering import plan  # noqa: PLC0415
    from covey_cli.repo import load  # noqa: PLC0415
    from covey_core.findings import has_errors  # noqa: PLC0415

    with progress("Rendering"), nullcontext() if check else lock(root):
        repo = load(root)
        planned = plan(repo)
        refused = has_errors((*repo.findings, *planned.over_limits))
        if not check and not refused:
            write_tree(root, planned.writes, planned.removals)
    if check or refused:
        findings = (*repo.findings, *(planned.findings if check else planned.over_limits))
        emit(findings, format=format)
        return Exit.FINDINGS if has_errors(findings) else Exit.CLEAN
    _report(planned, format)
    return Exit.CLEAN


def _report(planned: Plan, format: str) -> None:  # noqa: A002 - the option's name
    from covey_cli.output import count, emit_json  # noqa: PLC0415 - as above

    if format == "json":
        written = [file.path for file in planned.writes]
        emit_json({"written": written, "removed": list(planned.removals), "kept": planned.kept})
        return
    for file in planned.writes:
        click.echo(f"wrote {file.path}")
    for path in planned.removals:
        click.echo(f"removed {path}")
    changed = count(len(planned.writes), "file") + " written, " + count(len(planned.removals), "file") + " removed"
    click.echo(f"{changed}, {planned.kept} unchanged.")

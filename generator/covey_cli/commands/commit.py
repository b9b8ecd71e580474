"""`covey commit`: specs and manifests into git together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from covey_cli.command import command as declare
from covey_cli.errors import Exit
from covey_cli.options import format_option, root_option

if TYPE_CHECKING:
    from pathlib import Path

    from covey_cli.committing import Committed


@declare(
    "commit",
    examples=(
        ("Render, check and commit; the message says what changes, and for whom", "covey commit"),
        ("With words of your own", 'covey commit -m "Train digits for ten rounds"'),
    ),
)
@click.option("-m", "--message", default="", metavar="TEXT", help="The commit's message, instead of a generated one.")
@format_option("text", "json")
@root_option
def command(root: Path, format: str, message: str) -> int:  # noqa: A002 - the option's name
    """Render and commit specs together with their manifests.

    Commits what has changed of covey.yaml, datasets/, jobs/ and rendered/, and nothing else: other files stay as they
    are, staged or not. With an error in any spec nothing is written. Without a change nothing is committed.
    """
    from covey_cli.committing import commit  # noqa: PLC0415 - help must be quick
    from covey_cli.output import emit  # noqa: PLC0415
    from covey_cli.progress import progress  # noqa: PLC0415
    from covey_core.findings import has_errors  # noqa: PLC0415

    with progress("Committing"):
        done = commit(root, message)
    if has_errors(done.findings):
        emit(done.findings, format=format)
        return Exit.FINDINGS
    _report(done, format)
    return Exit.CLEAN


def _report(done: Committed, format: str) -> None:  # noqa: A002 - the option's name
    from covey_cli.console import safe  # noqa: PLC0415 - as above
    from covey_cli.output import count, emit_json  # noqa: PLC0415

    if format == "json":
        emit_json({"commit": done.commit or None, "message": done.message or None, "paths": list(done.paths)})
    elif done.commit:
        click.echo(f"{done.commit[:12]} {safe(done.message.partition(chr(10))[0])}")
        click.echo(f"{count(len(done.paths), 'file')} committed.")
    else:
        click.echo("Nothing to commit: specs and manifests are in git as they are.")

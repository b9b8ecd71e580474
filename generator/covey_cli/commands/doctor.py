"""`covey doctor`: what is missing on this machine and in this repo, and how to get it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from covey_cli.command import command as declare
from covey_cli.console import safe
from covey_cli.errors import Exit
from covey_cli.options import format_option, hub_options
from covey_cli.output import emit_json

if TYPE_CHECKING:
    from covey_cli.diagnosis import Check

_COLORS: Final = {"ok": "green", "missing": "red", "optional": "yellow"}
_LONGEST: Final = 1000  # what others call their clusters and field managers is theirs to say


@declare(
    "doctor",
    examples=(
        ("What is missing here", "covey doctor"),
        ("The same for a program", "covey doctor --format json"),
        ("What a hub lacks, by kubectl's current context", "covey doctor --hub"),
        ("The same of another hub", "covey doctor --hub --kubeconfig hub.kubeconfig --context hub"),
    ),
)
@click.option(
    "--root", metavar="DIR", default=".", type=click.Path(path_type=Path), help="Where to look for a fleet repo."
)
@click.option("--hub", "of_hub", is_flag=True, help="Look at an OCM hub, not at this machine; nothing is written.")
@hub_options
@format_option("text", "json")
def command(
    root: Path,
    *,
    of_hub: bool,
    kubeconfig: Path | None,
    context: str | None,
    format: str,  # noqa: A002 - the option's name
) -> int:
    """Say what is missing on this machine or on a hub, and how to get it.

    Exits with 1 if something is missing that Covey can't do without. Of a hub: versions, kinds that are not served,
    feature gates as far as they show, claims for which there is no room, rights to bind cluster sets, and who else
    writes into what Covey has rendered. With a fleet repo around, its cluster sets and grants are looked for.
    """
    if of_hub or kubeconfig or context:
        from covey_cli.hub.diagnosis import diagnose_hub  # noqa: PLC0415 - not needed to show the help

        checks = diagnose_hub(root, kubeconfig=kubeconfig, context=context)
    else:
        from covey_cli.diagnosis import diagnose  # noqa: PLC0415 - the same

        checks = diagnose(root)
    missing = [check for check in checks if check.state == "missing"]
    if format == "json":
        emit_json({"ok": not missing, "checks": [check.as_json() for check in checks]})
    else:
        _print(checks)
        click.echo("Something is missing that Covey needs." if missing else "Nothing is missing that Covey needs.")
    return Exit.FINDINGS if missing else Exit.CLEAN


def _print(checks: tuple[Check, ...]) -> None:
    width = max(len(check.name) for check in checks)
    for check in checks:
        state = click.style(f"{check.state:<8}", fg=_COLORS[check.state])
        click.echo(f"{state}  {check.name:<{width}}  {safe(check.found, longest=_LONGEST)}")
        if check.advice:
            click.echo(f"{'':<{width + 12}}{safe(check.advice, longest=_LONGEST)}")

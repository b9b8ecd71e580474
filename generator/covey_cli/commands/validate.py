"""`covey validate`: every problem of specs and manifests at its line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from covey_cli.command import command as declare
from covey_cli.errors import Exit
from covey_cli.options import format_option
from covey_cli.output import as_json, count, emit, emit_json

if TYPE_CHECKING:
    from covey_cli.validation_run import Report

EXAMPLES: Final = (
    ("Check the fleet repo around you: specs, references, rendered files", "covey validate"),
    ("Check any manifests", "covey validate deploy/ more.yaml"),
    ("Check what another tool renders", "kustomize build overlays/prod | covey validate -"),
    ("Let a kind pass that has no schema", "covey validate --allow-missing ExternalSecret deploy/"),
)


@declare("validate", examples=EXAMPLES)
@click.argument("paths", nargs=-1, metavar="[PATHS]...", type=click.Path(allow_dash=True))
@format_option("text", "json", "kubeconform", "github")
@click.option(
    "--allow-missing",
    multiple=True,
    metavar="KIND",
    help="A kind that may have no schema, as Kind or group/version/Kind; it is listed, not checked. Repeatable.",
)
@click.option("--schemas", multiple=True, metavar="DIR", type=click.Path(), help="More imported schemas. Repeatable.")
@click.option("--schemas-only", is_flag=True, help="Only schemas: no CEL rules, names, limits or references.")
@click.option("--exclude", multiple=True, metavar="GLOB", help="Files and folders to leave out. Repeatable.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes to use; by default one per processor.")
@click.option("--summary", is_flag=True, help="Count the objects, too: valid, invalid, errors, skipped.")
def command(*, format: str, summary: bool, **options: object) -> int:  # noqa: A002 - the option's name
    """Check specs, rendered files and any Kubernetes manifests.

    PATHS are files and folders, `-` is stdin. Without PATHS the fleet repo around you is checked as a whole: specs,
    what they refer to, and every rendered file against its spec and its schema.
    """
    from covey_cli.validation_run import Request, run  # noqa: PLC0415 - not needed to show the help

    request = Request.of(**options)  # type: ignore[arg-type]  # click has checked their types
    report = run(request)
    _print(report, format=format, summary=summary)
    return Exit.FINDINGS if report.failed else Exit.CLEAN


def _print(report: Report, *, format: str, summary: bool) -> None:  # noqa: A002 - as above
    if format == "kubeconform":
        from covey_cli import kubeconform  # noqa: PLC0415 - one format of four

        click.echo(kubeconform.as_json(report.results, report.counts, summary=summary))
    elif format == "json":
        emit_json({**as_json(report.findings, report.checked), "objects": report.counts})
    else:
        emit(report.findings, format=format, checked=report.checked)
        if summary:
            click.echo(_counted(report.counts))


def _counted(counts: dict[str, int]) -> str:
    told = ", ".join(f"{number} {name}" for name, number in counts.items())
    return f"{count(sum(counts.values()), 'object')}: {told}."

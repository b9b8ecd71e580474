"""`covey schema`: which schemas are used, and where others come from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from covey_cli.command import command as declare
from covey_cli.errors import Exit
from covey_cli.options import format_option, hub_options

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

IMPORT_EXAMPLES: Final = (
    ("Read the CRDs of an operator", "covey schema import operator/crds/"),
    ("Read what a hub serves", "covey schema import --context hub"),
    ("The same by way of a file", "kubectl get crds -o yaml > crds.yaml && covey schema import crds.yaml"),
)


def _schemas_option(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--schemas",
        metavar="DIR",
        type=click.Path(file_okay=False, path_type=Path),
        help="The folder of imported schemas; by default schemas/ of the fleet repo around you.",
    )(function)


@click.group("schema")
def command() -> None:
    """List, print and import the schemas that are used.

    Covey brings the schemas of all kinds that it writes. Others come from CRDs: they are kept in the fleet repo, so
    that everybody checks against the same, and win over those that Covey brings.
    """


@declare("import", examples=IMPORT_EXAMPLES)
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(allow_dash=True))
@click.option("--hub", is_flag=True, help="Read the CRDs of the hub of kubectl's current context.")
@hub_options
@_schemas_option
def _import(
    *, paths: tuple[str, ...], hub: bool, kubeconfig: Path | None, context: str | None, schemas: Path | None
) -> int:
    """Read CRDs from files and folders or from a hub, and keep their schemas.

    Each served version becomes a file under schemas/, to be committed. Nothing is written if any CRD of a file can't
    be used; of a hub, such CRDs are left out with a warning. --kubeconfig and --context mean a hub as --hub does.
    """
    from covey_cli import imported, importing, output  # noqa: PLC0415 - not needed to show the help

    of_hub = bool(hub or kubeconfig or context)
    if of_hub is bool(paths):
        raise click.UsageError("Name either files and folders (PATH), or a hub (--hub, --kubeconfig, --context).")
    folder = imported.folder_for_writing(schemas)
    found = importing.read_hub(kubeconfig, context) if of_hub else importing.read_crds(paths)
    if found.findings:
        output.emit(found.findings, format="text", checked=found.files)
    if found.failed:
        click.echo("Nothing was imported.")
        return Exit.FINDINGS
    imported.write(folder, found.schemas)
    for path in sorted(found.schemas):
        click.echo(path)
    click.echo(f"{output.count(len(found.schemas), 'schema')} imported into {folder}.")
    return Exit.CLEAN


@declare("list", examples=(("All kinds", "covey schema list"), ("For a program", "covey schema list --format json")))
@_schemas_option
@format_option("text", "json")
def _list(*, schemas: Path | None, format: str) -> None:  # noqa: A002 - the option's name
    """List the kinds that have a schema, with their version and where it comes from."""
    from covey_cli import importing, output  # noqa: PLC0415 - not needed to show the help

    rows = importing.listing(schemas)
    if format == "json":
        output.emit_json({"kinds": [row._asdict() for row in rows]})
        return
    widths = [max(len(str(row[column])) for row in rows) for column in range(2)]
    for row in rows:
        click.echo(f"{row.kind:<{widths[0]}}  {row.version:<{widths[1]}}  {row.origin}")


@declare(
    "show",
    examples=(
        ("The schema of job.yaml, for an editor", "covey schema show FederatedJob"),
        ("That of a version of a kind", "covey schema show apps/v1/Deployment"),
    ),
)
@click.argument("kind")
@_schemas_option
def _show(*, kind: str, schemas: Path | None) -> None:
    """Print the JSON Schema of a kind.

    KIND is a name or group/version/Kind. FederatedJob, DataSet and Fleet alone mean the files that people write.
    """
    from covey_cli import importing  # noqa: PLC0415 - not needed to show the help

    click.echo(importing.schema_text(kind, schemas))


@declare("crds", examples=(("Install or update Covey's kinds on a hub", "covey schema crds | kubectl apply -f -"),))
def _crds() -> None:
    """Print the CustomResourceDefinitions of Covey's own kinds."""
    from covey_core.manifests import to_yaml  # noqa: PLC0415 - not needed to show the help
    from covey_schemas.catalog import crds  # noqa: PLC0415 - the same

    click.echo("---\n".join(to_yaml(crd) for crd in crds()), nl=False)


for _command in (_import, _list, _show, _crds):
    command.add_command(_command)

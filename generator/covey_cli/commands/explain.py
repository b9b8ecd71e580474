"""`covey explain`: what a field means, from the JSON Schemas alone."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

import click

from covey_cli.command import command as declare
from covey_cli.errors import UserError, did_you_mean
from covey_cli.fields import KINDS, MISSING, Field, Kind, example_text, find_kind, kind_fields
from covey_cli.options import format_option
from covey_cli.output import emit_json

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDTH = 100


@declare(
    "explain",
    examples=(
        ("The kinds that people write", "covey explain"),
        ("All fields of a job, with their types", "covey explain job --recursive"),
        ("One field: type, default, limits, examples", "covey explain job.spec.collaborators.min"),
        ("The same for a program", "covey explain dataset.spec.grants --format json"),
    ),
)
@click.argument("path", required=False)
@click.option("--recursive", is_flag=True, help="Show all fields below, as a tree.")
@format_option("text", "json")
def command(path: str | None, *, recursive: bool, format: str) -> None:  # noqa: A002 - the option's name
    """Explain a kind or a field of it.

    PATH is a kind (job, dataset, fleet, or its full name) and the names of fields, joined by dots.
    """
    if path is None:
        _kinds(format)
        return
    kind, field = find(path)
    if format == "json":
        emit_json({"kind": kind.name, "place": kind.place, **as_json(field, recursive=recursive)})
    else:
        click.echo("\n".join(_page(kind, field, recursive=recursive)))


def find(path: str) -> tuple[Kind, Field]:
    """The field that `path` names; raises UserError with a suggestion."""
    first, *names = path.replace("[]", "").strip(".").split(".")
    kind = find_kind(first)
    if kind is None:
        known = [name for kind in KINDS for name in (kind.name, kind.short)]
        raise UserError(f"There is no kind '{first}'.{did_you_mean(first, known)}", hint="`covey explain` lists them.")
    field = kind_fields(kind)
    for name in names:
        below = field.child(name)
        if below is None:
            raise _unknown(kind, field, name)
        field = below
    return kind, field


def _unknown(kind: Kind, field: Field, name: str) -> UserError:
    here = ".".join((kind.short, *field.path))
    if not field.children:
        return UserError(
            f"{here} has no fields: its type is {field.type}.", hint=f"`covey explain {here}` explains it."
        )
    names = [child.path[-1] for child in field.children]
    return UserError(
        f"{here} has no field '{name}'.{did_you_mean(name, names)}",
        hint=f"`covey explain {here}` lists its fields.",
    )


def _kinds(format: str) -> None:  # noqa: A002 - the option's name
    described = [(kind, kind_fields(kind).description) for kind in KINDS]
    if format == "json":
        emit_json({"kinds": [{**kind._asdict(), "description": text} for kind, text in described]})
        return
    for kind, text in described:
        click.echo(f"{click.style(kind.name, bold=True)} ({kind.short}), in {kind.place}")
        click.echo(_wrapped(text) + "\n")
    click.echo("`covey explain job.spec` goes on from here.")


def as_json(field: Field, *, recursive: bool) -> dict[str, Any]:
    """The field as plain data; its children in full, or by name."""
    below = [as_json(child, recursive=True) if recursive else child.path[-1] for child in field.children]
    default = {} if field.default is MISSING else {"default": field.default}
    return {
        "path": ".".join(field.path),
        "title": field.title,
        "type": field.type,
        "required": field.required,
        **default,
        "values": list(field.values),
        "limits": list(field.limits),
        "examples": list(field.examples),
        "description": field.description,
        "fields": below,
    }


def _page(kind: Kind, field: Field, *, recursive: bool) -> Iterator[str]:
    yield f"{_heading('Kind')} {kind.name}, in {kind.place}"
    if field.path:
        yield f"{_heading('Field')} {'.'.join(field.path)}  {_signature(field)}"
    yield "\n" + _wrapped(field.description)
    facts = list(_facts(field))
    if facts:
        yield ""
    yield from facts
    if field.children:
        yield "\n" + click.style("Fields:", bold=True)
    yield from _below(field, indent="  ", recursive=recursive)


def _facts(field: Field) -> Iterator[str]:
    if field.default is not MISSING:
        yield f"{_heading('Default')} {json.dumps(field.default)}"
    if field.values:
        yield f"{_heading('One of')} {', '.join(map(example_text, field.values))}"
    if field.limits:
        yield f"{_heading('Limits')} {'; '.join(field.limits)}"
    if field.path:
        for example in field.examples:
            yield f"{_heading('Example')} {example_text(example)}"


def _below(field: Field, *, indent: str, recursive: bool) -> Iterator[str]:
    for child in field.children:
        yield f"{indent}{click.style(child.path[-1], bold=True)}  {_signature(child)}"
        if recursive:
            yield from _below(child, indent=indent + "  ", recursive=True)
        else:
            yield _wrapped(child.description, indent=indent + "  ")


def _signature(field: Field) -> str:
    return f"<{field.type}>" + (" required" if field.required else "")


def _heading(text: str) -> str:
    return click.style(f"{text + ':':<9}", bold=True)


def _wrapped(text: str, *, indent: str = "  ") -> str:
    return textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent)

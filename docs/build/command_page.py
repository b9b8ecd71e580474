"""The reference page of the commands: every command and option once, as click knows them."""

# ruff: noqa: INP001 - a folder of scripts, not a package
from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import click

from covey_cli.app import COMMANDS, SECTIONS, app
from covey_cli.command import Command

if TYPE_CHECKING:
    from collections.abc import Iterator


def command_page() -> str:
    parts = ["# Commands\n", *_group(app, "covey")]
    for section in SECTIONS:
        parts.append(f"## {section}\n")
        for name, entry in COMMANDS.items():
            if entry.section == section:
                found = app.get_command(click.Context(app), name)
                parts += _command(found, f"covey {name}") if found else ()
    return "\n".join(parts).rstrip() + "\n"


def _group(command: click.Command, path: str) -> Iterator[str]:
    context = click.Context(command, info_name=path)
    yield _paragraphs(command.help or "")
    yield f"```text\n{context.get_usage().removeprefix('Usage: ')}\n```\n"
    yield from _parameters(command, context)


def _command(command: click.Command, path: str) -> Iterator[str]:
    yield f"### {path}\n"
    yield from _group(command, path)
    if isinstance(command, Command):
        yield "```shell\n" + "\n".join(f"# {wanted}\n{line}" for wanted, line in command.examples) + "\n```\n"
    if isinstance(command, click.Group):
        for name, found in sorted(command.commands.items()):
            yield from _command(found, f"{path} {name}")


def _parameters(command: click.Command, context: click.Context) -> Iterator[str]:
    rows = [_row(one, context) for one in command.params if isinstance(one, click.Option)]
    if rows:
        yield "| Option | Default | What it does |"
        yield "| --- | --- | --- |"
        yield "\n".join(rows) + "\n"


def _row(option: click.Option, context: click.Context) -> str:
    names = ", ".join((*option.opts, *option.secondary_opts))
    value = "" if option.is_flag else " " + option.make_metavar(context)
    shown = option.default if isinstance(option.default, str | int) and not option.is_flag else ""
    default = f"`{shown}`" if shown not in ("", None) else ""
    variable = f" Environment: `{option.envvar}`." if option.envvar else ""
    return f"| `{_cell(names + value)}` | {default} | {_cell(option.help or '')}{variable} |"


def _paragraphs(text: str) -> str:
    blocks = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(" ".join(block.split()) for block in blocks) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")

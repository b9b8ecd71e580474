"""Finds the command that a line names, and parses the line as click would."""

from __future__ import annotations

import click

from covey_cli.app import app


def parse(words: list[str]) -> None:
    """Raises click.UsageError for a word that means nothing; paths need not exist."""
    command: click.Command = app
    context = click.Context(app, info_name="covey")
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name, found, words = command.resolve_command(context, words)
        assert found is not None
        command, context = found, click.Context(found, parent=context, info_name=name)
    options, rest, _ = command.make_parser(context).parse_args(list(words))
    assert not rest
    for parameter in command.params:
        if isinstance(parameter.type, click.Choice) and options.get(parameter.name or "") is not None:
            parameter.type_cast_value(context, options[parameter.name or ""])

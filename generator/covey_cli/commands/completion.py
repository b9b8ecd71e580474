"""`covey completion`: the script that teaches a shell to complete covey's commands and options."""

from __future__ import annotations

import click

from covey_cli.app import app
from covey_cli.command import command as declare
from covey_cli.options import Choice


@declare(
    "completion",
    examples=(
        ("For bash, in ~/.bashrc", 'eval "$(covey completion bash)"'),
        ("For zsh, in ~/.zshrc", 'eval "$(covey completion zsh)"'),
        ("For fish", "covey completion fish > ~/.config/fish/completions/covey.fish"),
    ),
)
@click.argument("shell", type=Choice(("bash", "zsh", "fish")))
def command(shell: str) -> None:
    """Print the completion script for SHELL (bash 4.4 or newer, zsh or fish)."""
    from click.shell_completion import get_completion_class  # noqa: PLC0415 - heavy, and only for this command

    complete = get_completion_class(shell)
    if complete is None:
        raise LookupError(shell)
    click.echo(complete(app, {}, "covey", "_COVEY_COMPLETE").source())

"""How a command is declared: click's command, with examples that its help shows and the tests parse.

    @command("render", examples=(("Render all jobs", "covey render"),))
    @root_option
    def command(root: Path) -> int | None: ...

A command returns its exit code, or None where all went well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

Examples = tuple[tuple[str, str], ...]


class Command(click.Command):
    """A command whose help ends with examples: pairs of what is wanted and the line to type."""

    def __init__(self, *args: Any, examples: Examples = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_epilog(ctx, formatter)
        if self.examples:
            with formatter.section("Examples"):
                for wanted, line in self.examples:
                    formatter.write(f"  # {wanted}\n  {line}\n")


def command(name: str, *, examples: Examples) -> Callable[[Callable[..., int | None]], Command]:
    """Declares a command; its help is the function's docstring, of which click shows all but the code."""
    return click.command(name, cls=Command, examples=examples)

"""The group `covey`: which commands there are. A command's module is imported only when the command is named."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from .console import color_for
from .errors import did_you_mean
from .options import Choice
from .version import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.shell_completion import CompletionItem


class Entry(NamedTuple):
    """Where a command lives, under which heading it is listed, and its one-line help."""

    module: str
    section: str
    help: str


COMMANDS: Final[dict[str, Entry]] = {
    "init": Entry("covey_cli.commands.init", "Write", "Make a fleet repo, or add what is missing to one."),
    "new": Entry("covey_cli.commands.new", "Write", "Write the spec of a new job or data set."),
    "validate": Entry("covey_cli.commands.validate", "Check", "Check specs, rendered files and manifests."),
    "render": Entry("covey_cli.commands.render", "Check", "Turn the specs into manifests under rendered/."),
    "diff": Entry("covey_cli.commands.diff", "Check", "Show what a change means, and for whom."),
    "preview": Entry("covey_cli.commands.preview", "Check", "Show which clusters a job would get."),
    "commit": Entry("covey_cli.commands.commit", "Publish", "Render and commit specs together with their manifests."),
    "submit": Entry("covey_cli.commands.submit", "Publish", "File a job and push it as a branch for review."),
    "run": Entry("covey_cli.commands.run", "Train", "Train a job on this machine."),
    "runs": Entry("covey_cli.commands.runs", "Train", "List the local runs and how they went."),
    "report": Entry("covey_cli.commands.report", "Train", "Write the report of a local run."),
    "explain": Entry("covey_cli.commands.explain", "Learn", "Explain a field of a spec."),
    "schema": Entry("covey_cli.commands.schema", "Learn", "List, print and import the schemas that are used."),
    "doctor": Entry("covey_cli.commands.doctor", "Learn", "Say what is missing on this machine."),
    "completion": Entry("covey_cli.commands.completion", "Learn", "Print the completion script of a shell."),
}
SECTIONS: Final = ("Write", "Check", "Publish", "Train", "Learn")


class LazyGroup(click.Group):
    """A group that knows its commands' names and short helps without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        found: click.Command = import_module(entry.module).command
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            raise click.UsageError(f"There is no command '{name}'.{did_you_mean(name, COMMANDS)}", ctx)
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Names and helps from the table above, so that Tab is quick."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - only for completion

        names = [
            CompletionItem(name, help=entry.help) for name, entry in COMMANDS.items() if name.startswith(incomplete)
        ]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        width = max(map(len, COMMANDS))
        for section in SECTIONS:
            with formatter.section(section):
                formatter.write_dl([(name.ljust(width), text) for name, text in _listed(section)])


def _listed(section: str) -> Iterator[tuple[str, str]]:
    return ((name, entry.help) for name, entry in COMMANDS.items() if entry.section == section)


@click.group(
    cls=LazyGroup,
    context_settings={"auto_envvar_prefix": "COVEY", "help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="The environment can set options, too: COVEY_ROOT for --root, COVEY_NEW_RUNTIME for `covey new --runtime`.",
)
@click.option("--color", type=Choice(("auto", "always", "never")), default="auto", help="When to use colours.")
@click.version_option(VERSION, message="covey %(version)s")
@click.pass_context
def app(ctx: click.Context, *, color: str) -> None:
    """Federated learning across Kubernetes clusters, run by pull request.

    A fleet repo holds short specs of training jobs. Covey checks them, turns them into the manifests that run them,
    and commits both, so that the pull request shows exactly what will run on every cluster.
    """
    ctx.color = color_for(color)

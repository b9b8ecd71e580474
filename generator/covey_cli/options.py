"""Options that several commands share, each with one meaning everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .errors import UserError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable

FLEET_FILE = "covey.yaml"
RUNS = ".covey/runs"


class Choice(click.Choice[str]):
    """A choice that suggests the value that was probably meant."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        return super().get_invalid_choice_message(value, ctx) + did_you_mean(str(value), self.choices)


def find_root(start: Path) -> Path:
    """The nearest folder from `start` upwards that holds covey.yaml."""
    start = start.absolute()
    for folder in (start, *start.parents):
        if (folder / FLEET_FILE).is_file():
            return folder
    raise UserError(
        f"There is no {FLEET_FILE} in {start} or in a folder above it.",
        hint="`covey init` makes a fleet repo here; `--root DIR` names one elsewhere.",
    )


def find_runs_root(start: Path) -> Path:
    """The nearest folder from `start` upwards that holds local runs, or that is a fleet repo."""
    start = start.absolute()
    for folder in (start, *start.parents):
        if _may_hold_runs(folder):
            return folder
    raise UserError(
        f"There is no {RUNS} and no {FLEET_FILE} in {start} or in a folder above it.",
        hint="`covey run JOB` makes a run; `--root DIR` names a folder elsewhere.",
    )


def _may_hold_runs(folder: Path) -> bool:
    return (folder / RUNS).is_dir() or (folder / FLEET_FILE).is_file()


def _root(ctx: click.Context, _parameter: click.Parameter, value: Path | None) -> Path | None:
    if ctx.resilient_parsing:
        return value
    if value is None:
        return find_root(Path.cwd())
    if not (value / FLEET_FILE).is_file():
        raise UserError(f"There is no {FLEET_FILE} in {value}.", hint=f"`covey init {value}` makes a fleet repo there.")
    return value.absolute()


def root_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--root DIR`: hands the command `root`, the fleet repo's absolute path."""
    return click.option(
        "--root",
        metavar="DIR",
        type=click.Path(file_okay=False, path_type=Path),
        envvar="COVEY_ROOT",
        callback=_root,
        help="The fleet repo; by default the nearest folder upwards that holds covey.yaml.",
    )(function)


def _runs_root(ctx: click.Context, _parameter: click.Parameter, value: Path | None) -> Path | None:
    if ctx.resilient_parsing:
        return value
    return runs_root(value)


def runs_root(value: Path | None) -> Path:
    """The folder that `--root` names, or else the one found from here."""
    if value is None:
        return find_runs_root(Path.cwd())
    if not _may_hold_runs(value):
        raise UserError(f"There is no {RUNS} and no {FLEET_FILE} in {value}.", hint="`covey run JOB` makes a run.")
    return value.absolute()


def runs_root_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--root DIR` for what reads local runs: those of a job that stands alone lie beside it, in no fleet repo."""
    return click.option(
        "--root",
        metavar="DIR",
        type=click.Path(file_okay=False, path_type=Path),
        envvar="COVEY_ROOT",
        callback=_runs_root,
        help=f"Where the runs are; by default the nearest folder upwards that holds {RUNS} or {FLEET_FILE}.",
    )(function)


def format_option(*formats: str, default: str = "text") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--format`: hands the command `format`, one of `formats`."""
    return click.option(
        "--format",
        type=Choice(formats),
        default=default,
        show_default=True,
        help="How to print the result.",
    )


def hub_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--kubeconfig` and `--context`: which hub is meant, as kubectl takes it."""
    file: Any = click.Path(dir_okay=False, path_type=Path)
    config = click.option(
        "--kubeconfig", metavar="FILE", type=file, help="The hub's kubeconfig; by default kubectl's first."
    )
    context = click.option(
        "--context", metavar="NAME", help="The context in the kubeconfig; by default the current one."
    )
    return config(context(function))

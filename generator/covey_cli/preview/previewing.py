"""`covey preview` without the terminal: which jobs, what the hub holds, and what each job gets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from covey_cli.errors import UserError, did_you_mean
from covey_cli.hub.connection import connect
from covey_cli.progress import progress
from covey_cli.repo import load
from covey_core.findings import has_errors
from covey_core.placement import ObjectError

from . import snapshot
from .choice import choose
from .wanted import bindings_of, of_repo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from covey_core.findings import Finding
    from covey_core.placement import World

    from .choice import Choice
    from .wanted import Wanted


@dataclass(frozen=True, slots=True)
class Source:
    """Where to learn what a hub holds: a file, or else the hub itself, of which `save` gets a copy."""

    snapshot: Path | None = None
    kubeconfig: Path | None = None
    context: str | None = None
    save: Path | None = None

    def check(self) -> None:
        """A file and a hub exclude each other."""
        if self.snapshot is not None and (self.kubeconfig or self.context or self.save):
            raise click.UsageError("--snapshot reads a file; --kubeconfig, --context and --save are for a hub.")


def preview(root: Path, jobs: Sequence[str], source: Source) -> tuple[tuple[Finding, ...], list[Choice]]:
    """What is wrong with the specs, or else what each job gets."""
    source.check()
    repo = load(root)
    if has_errors(repo.findings):
        return repo.findings, []
    wanted = _named(jobs, of_repo(repo))
    objects, where = hold(source)
    world = snapshot.world_of([*bindings_of(repo), *objects], where)
    with progress("Choosing", total=len(wanted)) as state:
        return repo.findings, list(_chosen(wanted, world, state.step))


def hold(source: Source) -> tuple[list[snapshot.Plain], str]:
    """The objects, and how to call where they are from."""
    if source.snapshot is not None:
        return snapshot.from_file(source.snapshot), f"The snapshot {source.snapshot}"
    with progress("Reading the hub"), connect(source.kubeconfig, source.context) as hub:
        objects, where = snapshot.from_hub(hub), f"What the hub {hub.server} holds"
    if source.save is not None:
        snapshot.save(source.save, objects)
    return objects, where


def _chosen(wanted: Iterable[Wanted], world: World, step: Callable[[], None]) -> Iterator[Choice]:
    for one in wanted:
        try:
            yield choose(one, world, now=datetime.now(UTC))
        except ObjectError as error:
            raise UserError(f"{one.title} can't be previewed: {error}") from None
        step()


def _named(jobs: Iterable[str], wanted: list[Wanted]) -> list[Wanted]:
    """All of them where none is named."""
    by_title = {one.title: one for one in wanted}
    for job in jobs:
        if job not in by_title:
            raise UserError(
                f"There is no job {job}.{did_you_mean(job, by_title)}", hint="Name it as namespace/name: vision/digits."
            )
    return [by_title[job] for job in dict.fromkeys(jobs)] or wanted

"""Each side's `data/`: a shipped data set that is split, folders of the user's own, or nothing but a number."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from covey_cli.errors import UserError
from covey_cli.local_run import samples
from covey_cli.local_run.plan import HUB
from covey_core.results.summary import Data, Member

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from covey_cli.local_run.partitions import Split

_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,50}[a-z0-9])?\Z")


@dataclass(frozen=True, slots=True)
class Held:
    """What the summary says of the data, and of what each collaborator holds."""

    data: Data | None
    members: tuple[Member, ...]


def split_shipped(folder: Path, name: str, collaborators: Sequence[str], *, how: Split, seed: int) -> Held:
    """Writes `<side>/data/` for everybody from a data set that an installed package ships."""
    planned = samples.plan(samples.load(name), collaborators, how=how, seed=seed)
    samples.write(folder, planned, hub=HUB)
    what = planned.samples
    data = Data(what.name, what.source, str(how), seed, what.classes, len(planned.held_out))
    return Held(data, tuple(Member(who, len(part), what.counts(part)) for who, part in planned.parts.items()))


def own_collaborators(given: Path) -> tuple[str, ...]:
    """The folders in `given`, each a collaborator of that name; one called `aggregator` is the hub's."""
    try:
        found = sorted(path.name for path in given.iterdir() if path.is_dir() and not path.name.startswith("."))
    except OSError as error:
        raise UserError(f"Can't read {given}: {(error.strerror or 'refused').lower()}.") from None
    collaborators = tuple(name for name in found if name != HUB)
    for name in collaborators:
        if not _NAME.match(name):
            raise UserError(f"{given / name} is no collaborator's name.", hint="Use small letters, digits and `-`.")
    if not collaborators:
        raise UserError(f"There is no folder in {given}.", hint="Make one for each collaborator, with its data.")
    return collaborators


def link_own(folder: Path, given: Path, collaborators: Sequence[str]) -> Held:
    """Makes each `data` a link to the user's folder: data may be large."""
    for name in (HUB, *collaborators):
        source = (given / name).resolve()
        if source.is_dir():
            (folder / name / "data").symlink_to(source)
        else:
            (folder / name / "data").mkdir()
    return Held(None, tuple(Member(name) for name in collaborators))


def only_numbers(folder: Path, collaborators: Sequence[str]) -> Held:
    """For apps that bring their own data: `data.json` says which part of it is whose."""
    (folder / HUB / "data").mkdir(parents=True)
    for number, name in enumerate(collaborators):
        own = folder / name / "data"
        own.mkdir(parents=True)
        about = {"version": samples.VERSION, "partition": {"id": number, "of": len(collaborators)}}
        (own / "data.json").write_text(json.dumps(about, indent=2) + "\n", "utf-8")
    return Held(None, tuple(Member(name) for name in collaborators))

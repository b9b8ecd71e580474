"""What a change of rendered trees means for the choice of clusters: what each job gets before and after."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from covey_cli.errors import UserError
from covey_core import names
from covey_core.placement import ObjectError, Placement, World
from covey_core.reading import read

from .choice import choose
from .wanted import Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from .choice import Choice

_FLEET: Final = f"rendered/{names.FLEET_FOLDER}"


Job = tuple[str, str]  # namespace and name


@dataclass(frozen=True, slots=True)
class Comparison:
    """A job that a change concerns; None where it does not exist."""

    title: str
    before: Choice | None
    after: Choice | None

    @property
    def is_same(self) -> bool:
        if self.before is None or self.after is None:
            return False
        return set(self.before.clusters) == set(self.after.clusters)


def compare(
    before: Mapping[str, bytes], after: Mapping[str, bytes], world: World, *, now: datetime
) -> list[Comparison]:
    """The jobs whose Placement, grants, numbers or bound cluster sets change, by namespace and name."""
    sides = (_Side(before), _Side(after))
    bound_now = {key: one for key, one in world.bindings.items() if key not in sides[0].bindings}
    worlds = [replace(world, bindings={**bound_now, **side.bindings}) for side in sides]
    found = []
    for job in sorted(sides[0].jobs() | sides[1].jobs()):
        if _differ(job, *sides):
            choices = [_choice(side.wanted(job), at, now) for side, at in zip(sides, worlds, strict=True)]
            found.append(Comparison("/".join(job), choices[0], choices[1]))
    return found


def _differ(job: Job, before: _Side, after: _Side) -> bool:
    """Equal files need no decoding; those that differ may differ in what the choice does not depend on."""
    return before.texts(job) != after.texts(job) and before.inputs(job) != after.inputs(job)


def _choice(wanted: Wanted | None, world: World, now: datetime) -> Choice | None:
    if wanted is None:
        return None
    try:
        return choose(wanted, world, now=now)
    except ObjectError as error:
        raise UserError(f"{wanted.title} can't be previewed: {error}") from None


class _Side:
    """A rendered tree; files are decoded when they are asked for."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        folder = f"{_FLEET}/managedclustersetbinding-"
        found = [one for path in files if path.startswith(folder) and (one := self._object(path)) is not None]
        self.bindings = World.of(found).bindings

    def jobs(self) -> set[Job]:
        return {job for path in self._files for job in _job_of(path)}

    def texts(self, job: Job) -> tuple[Any, ...]:
        return (*(self._files.get(path) for path in _paths(job)), self._bound(job))

    def inputs(self, job: Job) -> tuple[Any, ...]:
        """What the choice depends on."""
        learning, placement = (self._object(path) for path in _paths(job))
        return (_numbers(learning), (placement or {}).get("spec"), self._bound(job))

    def wanted(self, job: Job) -> Wanted | None:
        learning, placement = (self._object(path) for path in _paths(job))
        if learning is None or placement is None:
            return None
        namespace, name = job
        least, most, data_set = _numbers(learning)
        owner = self._object(f"{_FLEET}/dataset-{data_set}.yaml") or {}
        grants = (owner.get("spec") or {}).get("grants") or []
        return Wanted(
            namespace,
            name,
            least=least,
            most=most,
            claim=names.cluster_claim(data_set),
            granted=frozenset(str(grant.get("cluster")) for grant in grants if isinstance(grant, dict)),
            placement=_placement(placement),
        )

    def _bound(self, job: Job) -> list[str]:
        return sorted(name for namespace, name in self.bindings if namespace == job[0])

    def _object(self, path: str) -> dict[str, Any] | None:
        data = self._files.get(path)
        documents = read(path, data, strict=False).documents if data is not None else ()
        return documents[0].value if len(documents) == 1 else None


def _placement(placement: dict[str, Any]) -> Placement:
    try:
        return Placement.of(placement)
    except ObjectError as error:
        raise UserError(f"A rendered file can't be previewed: {error}", hint="`covey render` writes it anew.") from None


def _job_of(path: str) -> Iterator[Job]:
    parts = path.split("/")
    if len(parts) == 4 and parts[1] != names.FLEET_FOLDER and parts[3] == f"placement-{parts[2]}.yaml":  # noqa: PLR2004 - rendered/<namespace>/<job>/<file>
        yield parts[1], parts[2]


def _paths(job: Job) -> tuple[str, str]:
    folder = names.rendered_folder(*job)
    return f"{folder}/federatedlearning-{job[1]}.yaml", f"{folder}/placement-{job[1]}.yaml"


def _numbers(learning: Mapping[str, Any] | None) -> tuple[int, int, str]:
    spec = (learning or {}).get("spec") or {}
    wanted = (spec.get("covey") or {}).get("collaborators") or {}
    least, most = (number if isinstance(number := wanted.get(key), int) else 1 for key in ("min", "max"))
    return least, most, str(wanted.get("dataSet", ""))

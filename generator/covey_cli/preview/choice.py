"""What a job gets: the outcome of its Placement in the words of people who wait for clusters. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from covey_core.placement import Step, evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from covey_core.placement import Chosen, NotChosen, Outcome, World

    from .wanted import Wanted

LONGEST: Final = 300
ABSENT: Final = "absent"


@dataclass(frozen=True, slots=True)
class Other:
    """A cluster that the job does not get; `step` is where it left the choice.

    `lacks_only_grant`: the Placement got as far as the grants, so sets, labels and claim fit.
    """

    cluster: str
    is_granted: bool
    step: str
    reason: str
    lacks_only_grant: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """What a job gets: the best first, of the others those that come closest. `troubles` concern all clusters."""

    wanted: Wanted
    selected: tuple[Chosen, ...]
    others: tuple[Other, ...]
    troubles: tuple[str, ...]

    @property
    def is_enough(self) -> bool:
        return len(self.selected) >= self.wanted.least

    @property
    def clusters(self) -> tuple[str, ...]:
        return tuple(one.cluster for one in self.selected)

    @property
    def has_scores(self) -> bool:
        """Whether scores set the selected clusters apart."""
        return len({one.score for one in self.selected}) > 1


def choose(wanted: Wanted, world: World, *, now: datetime) -> Choice:
    outcome = evaluate(wanted.placement, world, now=now)
    others = [*_absent(wanted, world), *(_other(one, wanted) for one in outcome.others)]
    others.sort(key=lambda one: (not one.is_granted, not one.lacks_only_grant, one.cluster))
    return Choice(wanted, outcome.chosen, tuple(others), tuple(map(cut, _troubles(wanted, world, outcome))))


def cut(text: str) -> str:
    """What spokes write may be long."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _absent(wanted: Wanted, world: World) -> Iterator[Other]:
    for name in wanted.granted - world.clusters.keys():
        yield Other(name, is_granted=True, step=ABSENT, reason="is no cluster of the hub")


def _other(one: NotChosen, wanted: Wanted) -> Other:
    name = cut(one.cluster)
    refusal = one.refusals[0]
    if one.cluster not in wanted.granted:
        fits = refusal.step is Step.CEL
        return Other(name, is_granted=False, step="grant", reason="is not granted", lacks_only_grant=fits)
    if refusal.step is Step.CLAIM and refusal.key == wanted.claim:
        return Other(name, is_granted=True, step=str(one.step), reason="does not claim the data present")
    return Other(name, is_granted=True, step=str(one.step), reason=cut(one.reason))


def _troubles(wanted: Wanted, world: World, outcome: Outcome) -> Iterator[str]:
    for name in wanted.placement.cluster_sets:
        if name not in world.sets:
            yield f"The hub has no cluster set {name}."
        elif (wanted.namespace, name) not in world.bindings:
            yield f"The cluster set {name} is not bound to the namespace {wanted.namespace}."
    misconfigured = outcome.conditions[0]
    if misconfigured.status == "True":
        yield f"OCM refuses the Placement: {misconfigured.message.partition(':')[2]}."
    yield from (f"{warning}; an expired score counts as 0." for warning in outcome.warnings)

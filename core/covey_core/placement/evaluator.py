"""The evaluation of one Placement, in OCM's order: sets, predicates, taints, scores, number, groups."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .groups import group
from .outcome import Chosen, Condition, NotChosen, Outcome, Refusal, Step
from .predicates import matching
from .scoring import decided, score
from .selectors import SelectorError
from .sets import eligible_sets, in_sets
from .taints import check_tolerations, tolerated

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from .outcome import Group
    from .sets import Sets
    from .spec import Placement
    from .world import Cluster, World


@dataclass(slots=True)
class _Choice:
    """What is known so far; `fault` is OCM's plugin and what it calls a misconfiguration."""

    members: list[Cluster] = field(default_factory=list)
    refused: dict[str, tuple[Refusal, ...]] = field(default_factory=dict)
    chosen: list[Chosen] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    fault: tuple[str, str] | None = None
    unscheduled: int = 0


def evaluate(placement: Placement, world: World, *, now: datetime) -> Outcome:
    """What OCM would decide now. Raises ObjectError where an object of the world can't be understood."""
    sets = eligible_sets(placement, world)
    choice = _Choice()
    choice.members, outside = in_sets(placement, world, sets)
    choice.refused = {name: (refusal,) for name, refusal in outside.items()}
    _choose(choice, placement, world, now)
    groups = _groups(choice, placement, world)
    return Outcome(
        placement,
        chosen=tuple(choice.chosen),
        others=tuple(NotChosen(name, choice.refused[name]) for name in sorted(choice.refused)),
        conditions=(_misconfigured(choice), _satisfied(choice, placement, sets)),
        groups=groups,
        warnings=tuple(choice.warnings),
        look_again=min((one.until for one in choice.chosen if one.until), default=None),
    )


def _choose(choice: _Choice, placement: Placement, world: World, now: datetime) -> None:
    """Fills `choice`; a misconfiguration ends it with nobody chosen."""
    plugin = "Predicate"
    try:
        matched, refused = matching(placement, choice.members, world)
        choice.refused |= refused
        plugin = "TaintToleration"
        feasible, ends = _untainted(choice, placement, world, matched, now)
        plugin = ""
        parts, choice.warnings = score(placement, feasible, world, now=now)
    except SelectorError as error:
        choice.fault = (plugin, str(error))
        refusal = Refusal(Step.CONFIGURATION, f"is not looked at: the Placement is misconfigured ({error})")
        for cluster in choice.members:
            choice.refused.setdefault(cluster.name, (refusal,))
        return
    ranked = sorted(
        (
            Chosen(name, sum(part.weight * part.score for part in found), found, ends.get(name))
            for name, found in parts.items()
        ),
        key=lambda one: (-one.score, one.cluster),
    )
    number = len(ranked) if placement.number is None else max(placement.number, 0)
    choice.chosen = ranked[:number]
    choice.unscheduled = max(number - len(ranked), 0)
    for one in ranked[number:]:
        choice.refused[one.cluster] = (_lower(one, choice.chosen),)


def _untainted(
    choice: _Choice, placement: Placement, world: World, clusters: Sequence[Cluster], now: datetime
) -> tuple[list[Cluster], dict[str, datetime]]:
    """The clusters whose taints are tolerated, and until when."""
    if clusters:
        check_tolerations(placement)
    before = decided(placement, world)
    left, ends = [], {}
    for cluster in clusters:
        refusal, until = tolerated(cluster, placement, is_decided=cluster.name in before, now=now)
        if refusal is not None:
            choice.refused[cluster.name] = (refusal,)
            continue
        left.append(cluster)
        if until is not None:
            ends[cluster.name] = until
    return left, ends


def _lower(one: Chosen, chosen: Sequence[Chosen]) -> Refusal:
    if not chosen:
        return Refusal(Step.SCORE, "is not chosen: the Placement wants no cluster")
    last = chosen[-1]
    if last.score > one.score:
        return Refusal(Step.SCORE, f"scores {one.score}, less than the last of {len(chosen)} chosen ({last.score})")
    return Refusal(Step.SCORE, f"scores {one.score} as {last.cluster} does, which comes first by name")


def _groups(choice: _Choice, placement: Placement, world: World) -> tuple[Group, ...]:
    try:
        return group(placement, [world.clusters[one.cluster] for one in choice.chosen])
    except SelectorError as error:
        choice.fault = ("", str(error))
        return ()


def _misconfigured(choice: _Choice) -> Condition:
    kind = "PlacementMisconfigured"
    if choice.fault is None:
        return Condition(kind, "False", "Succeedconfigured", "Placement configurations check pass")
    return Condition(kind, "True", "Misconfigured", ":".join(choice.fault))


def _satisfied(choice: _Choice, placement: Placement, sets: Sets) -> Condition:
    if not sets.bound:
        reason = "NoManagedClusterSetBindings"
        message = "No valid ManagedClusterSetBindings found in placement namespace"
    elif not sets.eligible:
        reason = "NoIntersection"
        message = f"None of ManagedClusterSets [{','.join(placement.cluster_sets)}] is bound to placement namespace"
    elif not choice.members:
        reason = "AllManagedClusterSetsEmpty"
        message = f"All ManagedClusterSets [{','.join(sets.eligible)}] have no member ManagedCluster"
    elif not choice.chosen:
        reason, message = "NoManagedClusterMatched", "No ManagedCluster matches any of the cluster predicate"
    elif not choice.unscheduled:
        return Condition("PlacementSatisfied", "True", "AllDecisionsScheduled", "All cluster decisions scheduled")
    else:
        reason, message = "NotAllDecisionsScheduled", f"{choice.unscheduled} cluster decisions unscheduled"
    return Condition("PlacementSatisfied", "False", reason, message)

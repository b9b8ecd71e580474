"""Which clusters a Placement may look at: those of the sets that are bound to its namespace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .outcome import Refusal, Step
from .world import SET_LABEL

if TYPE_CHECKING:
    from .spec import Placement
    from .world import Cluster, World


@dataclass(frozen=True, slots=True)
class Sets:
    """`bound` are the sets bound to the namespace that exist, `eligible` those of them that the Placement uses."""

    bound: tuple[str, ...]
    eligible: tuple[str, ...]


def eligible_sets(placement: Placement, world: World) -> Sets:
    bound = sorted(
        binding.cluster_set
        for binding in world.bindings.values()
        if binding.namespace == placement.namespace and binding.cluster_set in world.sets
    )
    wanted = placement.cluster_sets
    return Sets(tuple(bound), tuple(name for name in bound if not wanted or name in wanted))


def in_sets(placement: Placement, world: World, sets: Sets) -> tuple[list[Cluster], dict[str, Refusal]]:
    """The members of the eligible sets, and why each other cluster is none."""
    selectors = [selector for name in sets.eligible if (selector := world.sets[name].selector) is not None]
    members, refused = [], {}
    for name in sorted(world.clusters):
        cluster = world.clusters[name]
        if not any(selector.missing(cluster.labels) is None for selector in selectors):
            refused[name] = _outside(cluster, placement, sets)
        elif cluster.is_leaving:
            refused[name] = Refusal(Step.LEAVING, "is being removed from the hub")
        else:
            members.append(cluster)
    return members, refused


def _outside(cluster: Cluster, placement: Placement, sets: Sets) -> Refusal:
    own = cluster.labels.get(SET_LABEL)
    used = f"({', '.join(placement.cluster_sets or sets.eligible) or 'none'})"
    if own is None:
        return Refusal(Step.SET, f"is in none of the cluster sets {used}")
    if placement.cluster_sets and own not in placement.cluster_sets:
        return Refusal(Step.SET, f"is in the cluster set {own}, not in {used}", own)
    if own in sets.eligible:
        return Refusal(Step.SET, f"does not have the labels that the cluster set {own} selects by", own)
    return Refusal(Step.SET, f"is in the cluster set {own}, which is not bound to {placement.namespace}", own)

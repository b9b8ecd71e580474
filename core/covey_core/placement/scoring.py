"""The prioritizers: each gives clusters scores from -100 to 100, which are weighed and summed.

Formulas of OCM 1.3: pkg/placement/plugins of open-cluster-management-io/ocm at v1.3.1. Quotients are cut towards zero.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from covey_core.validation.cel import quantity

from .outcome import Part
from .selectors import SelectorError
from .shape import mapping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from .spec import Placement, Prioritizer
    from .world import Cluster, World

MOST: Final = 100
_LARGEST: Final = Decimal(2**63 - 1)  # where Kubernetes cuts quantities
_DEFAULTS: Final = {"Balance": 1, "Steady": 1}
Scores = dict[str, int]


def weights(placement: Placement) -> list[tuple[str, str, int]]:
    """Type, name and weight of each prioritizer in use; raises SelectorError as OCM finds a misconfiguration."""
    if placement.mode not in {"Additive", "Exact"}:
        raise SelectorError(f"incorrect prioritizer policy mode: {placement.mode}")
    if any(not one.type for one in placement.prioritizers):
        raise SelectorError("scoreCoordinate field is required")
    built_in = dict(_DEFAULTS) if placement.mode == "Additive" else {}
    built_in |= {one.name or "": one.weight for one in placement.prioritizers if one.type == "BuiltIn"}
    others = [one for one in placement.prioritizers if one.type != "BuiltIn"]
    in_use = [("BuiltIn", name, weight) for name, weight in sorted(built_in.items()) if weight]
    for _, name, _ in in_use:
        if name not in _BUILT_IN:
            raise SelectorError(f"incorrect builtin prioritizer: {name}")
    return in_use + [("AddOn", _add_on(one), one.weight) for one in others if one.weight]


def _add_on(one: Prioritizer) -> str:
    if one.name is None:
        raise SelectorError("addOn should not be empty")
    return one.name


def score(
    placement: Placement, clusters: Sequence[Cluster], world: World, *, now: datetime
) -> tuple[dict[str, tuple[Part, ...]], list[str]]:
    """The parts of each cluster's score, and warnings about scores that have expired."""
    columns: list[dict[str, Part]] = []
    warnings: list[str] = []
    for kind, name, weight in weights(placement):
        if kind == "BuiltIn":
            label, found = name, _BUILT_IN[name](placement, clusters, world)
        else:
            label, (found, expired) = f"AddOn/{name}", _reported(name, clusters, world, now)
            if expired:
                warnings.append(f"AddOnPlacementScores {' '.join(expired)} expired")
        known = {value: Part(label, weight, value) for value in set(found.values())}  # few: not one for each cluster
        columns.append({cluster: known[value] for cluster, value in found.items()})
    return {
        cluster.name: tuple(column[cluster.name] for column in columns if cluster.name in column)
        for cluster in clusters
    }, warnings


def decided(placement: Placement, world: World) -> frozenset[str]:
    """The clusters of the Placement's decisions so far."""
    own = (one for one in world.decisions.values() if _is_own(one.namespace, one.placement, placement))
    return frozenset(cluster for one in own for cluster in one.clusters)


def _is_own(namespace: str, name: str, placement: Placement) -> bool:
    return (namespace, name) == (placement.namespace, placement.name)


def _steady(placement: Placement, clusters: Sequence[Cluster], world: World) -> Scores:
    before = decided(placement, world)
    return {cluster.name: MOST if cluster.name in before else 0 for cluster in clusters}


def _balance(placement: Placement, clusters: Sequence[Cluster], world: World) -> Scores:
    """The cluster with the most decisions of other Placements gets the least."""
    counts: Counter[str] = Counter()
    for one in world.decisions.values():
        if not _is_own(one.namespace, one.placement, placement):
            counts.update(one.clusters)
    most = max(counts.values(), default=0)
    return {
        cluster.name: 2 * int(MOST * (0.5 - counts[cluster.name] / most)) if counts[cluster.name] else MOST
        for cluster in clusters
    }


def _allocatable(resource: str) -> Callable[[Placement, Sequence[Cluster], World], Scores]:
    def scores(_placement: Placement, clusters: Sequence[Cluster], _world: World) -> Scores:
        amounts = {cluster.name: amount for cluster in clusters if (amount := _amount(cluster, resource)) is not None}
        least, most = min(amounts.values(), default=0.0), max(amounts.values(), default=0.0)
        if least == most:
            return dict.fromkeys(amounts, MOST)
        return {name: int(((amount - least) / (most - least) - 0.5) * 2.0 * 100.0) for name, amount in amounts.items()}

    return scores


def _amount(cluster: Cluster, resource: str) -> float | None:
    """What is allocatable; a cluster that does not tell its capacity, too, has no score."""
    where = f"ManagedCluster {cluster.name}"
    status = mapping(cluster.whole, "status", where)
    allocatable = mapping(status, "allocatable", where).get(resource)
    if allocatable is None or mapping(status, "capacity", where).get(resource) is None:
        return None
    try:
        number = quantity.parse(str(allocatable))
    except ValueError:
        return None
    number = max(-_LARGEST, min(number, _LARGEST))
    _, digits, exponent = number.as_tuple()
    unscaled = float(int("".join(map(str, digits))))
    value = unscaled * float(f"1e{exponent}")  # as Go rounds it: first the digits, then the power of ten
    return -value if number < 0 else value


def _reported(name: str, clusters: Iterable[Cluster], world: World, now: datetime) -> tuple[Scores, list[str]]:
    """0 for a cluster whose score is missing or has expired."""
    resource, _, wanted = name.partition("/")
    found: Scores = {}
    expired = []
    for cluster in clusters:
        reported = world.scores.get((cluster.name, resource))
        if reported is not None and reported.valid_until is not None and now > reported.valid_until:
            expired.append(f"{cluster.name}/{resource}")
            reported = None
        found[cluster.name] = reported.values.get(wanted, 0) if reported else 0
    return found, expired


_BUILT_IN: Final[Mapping[str, Callable[[Placement, Sequence[Cluster], World], Scores]]] = {
    "Balance": _balance,
    "Steady": _steady,
    "ResourceAllocatableCPU": _allocatable("cpu"),
    "ResourceAllocatableMemory": _allocatable("memory"),
}

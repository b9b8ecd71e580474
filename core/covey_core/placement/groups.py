"""Decision groups, and the PlacementDecisions of at most 100 clusters that OCM splits them into.

OCM 1.3.1 takes `sortBy` and does not act on it: clusters stand in their group by name, without their score.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from .outcome import Group
from .predicates import read_predicate
from .selectors import SelectorError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .spec import Placement
    from .world import Cluster

SLICE: Final = 100


def group(placement: Placement, chosen: Sequence[Cluster]) -> tuple[Group, ...]:
    """At least one group, if only an empty one. Raises SelectorError for a strategy that OCM can't read."""
    number = 1
    groups = []
    for index, (name, clusters) in enumerate(list(_divided(placement, chosen)) or [("", [])]):
        slices = [clusters[start : start + SLICE] for start in range(0, len(clusters), SLICE)] or [[]]
        named = tuple((f"{placement.name}-decision-{number + at}", tuple(members)) for at, members in enumerate(slices))
        groups.append(Group(index, name, named))
        number += len(slices)
    return tuple(groups)


def _divided(placement: Placement, chosen: Sequence[Cluster]) -> Iterator[tuple[str, list[str]]]:
    length = _length(placement.per_group, len(chosen))
    left = {cluster.name: cluster for cluster in chosen}
    for wish in placement.groups:
        selector = read_predicate(wish.selector, f"Placement {placement.name}")
        members = sorted(name for name, cluster in left.items() if selector.refusal(cluster) is None)
        for name in members:
            del left[name]
        yield from _parts(wish.name, members, length)
    yield from _parts("", sorted(left), length)


def _parts(name: str, members: list[str], length: int) -> Iterator[tuple[str, list[str]]]:
    for start in range(0, len(members), length or 1):
        yield name, members[start : start + length]


def _length(wished: int | str, total: int) -> int:
    length = total
    if isinstance(wished, str):
        try:
            length = math.ceil(float(wished.removesuffix("%")) / 100 * total) if wished.endswith("%") else -1
        except (ValueError, OverflowError):
            length = -1
        if length < 0:
            raise SelectorError(f"{wished} invalid type: string is not a percentage")
    elif isinstance(wished, int):
        length = wished
    return length if 0 < length <= total else total

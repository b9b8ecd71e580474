"""Which clusters get a replica set's work next: all at once, or a few at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from controlplane.ocm.standin import work_conditions as conditions

if TYPE_CHECKING:
    from controlplane.ocm.api import Object

_TO_APPLY, _PROGRESSING, _SUCCEEDED, _FAILED = "ToApply", "Progressing", "Succeeded", "Failed"


@dataclass(frozen=True, slots=True)
class Rollout:
    """Clusters whose work is made or renewed, those whose work goes, and how many are done."""

    apply: list[str]
    removed: list[str]
    succeeded: int


def roll_out(strategy: Object, clusters: list[str], current: dict[str, Object]) -> Rollout:
    """`current`: the works that carry the template. A cluster that has left loses its work only if that is current."""
    kind = strategy.get("type", "All")
    if kind not in {"All", "Progressive"}:
        raise ValueError(f"the stand-in for OCM knows no rollout {kind}; Covey renders none")
    state = {name: _state(work) for name, work in current.items()}
    removed = [name for name in current if name not in clusters]
    size = failures = len(clusters)
    if kind == "Progressive":
        said = strategy.get("progressive") or {}
        size = _size(said.get("maxConcurrency"), len(clusters), otherwise=len(clusters))
        failures = _size(said.get("maxFailures"), len(clusters), otherwise=0)
    succeeded = sum(one == _SUCCEEDED for one in state.values())
    return Rollout(_next(clusters, state, size, failures), removed, succeeded)


def _next(clusters: list[str], state: dict[str, str], size: int, failures: int) -> list[str]:
    """Clusters that are at it count; a new one starts only when there is room and not too many have failed."""
    at_it = [name for name in clusters if state.get(name, _SUCCEEDED) != _SUCCEEDED]
    failed = sum(state.get(name) == _FAILED for name in clusters)
    if failed <= failures:
        at_it = (at_it + [name for name in clusters if name not in state])[: max(size, len(at_it))]
    return [name for name in at_it if state.get(name, _TO_APPLY) == _TO_APPLY]


def _state(work: Object) -> str:
    """OCM tells it by the condition Progressing, which only condition rules make: without them all stay ToApply."""
    generation = work["metadata"]["generation"]
    found = {one["type"]: one for one in conditions.of(work)}
    applied, progressing, degraded = (found.get(name) for name in ("Applied", "Progressing", "Degraded"))
    if applied is None or applied.get("observedGeneration") != generation or applied["status"] != "True":
        return _TO_APPLY
    if progressing is None or progressing.get("observedGeneration") != generation:
        return _TO_APPLY
    if degraded is not None and degraded.get("observedGeneration") != generation:
        return _TO_APPLY
    if progressing["status"] == "False":
        return _SUCCEEDED
    is_bad = progressing["status"] == "True" and degraded is not None and degraded["status"] == "True"
    return _FAILED if is_bad else _PROGRESSING


def _size(said: int | str | None, total: int, *, otherwise: int) -> int:
    """A number, or a share of all as `25%`."""
    if said is None:
        return otherwise
    size = math.ceil(float(said[:-1]) / 100 * total) if isinstance(said, str) else said
    return size if 0 < size <= total else otherwise

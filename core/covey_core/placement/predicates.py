"""The predicates of a Placement: one of them must hold, with its labels, its claims and all its expressions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .expressions import Expression, ready
from .outcome import Refusal, Step
from .selectors import Selector, read_selector

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .selectors import Requirement
    from .spec import Placement, Predicate
    from .world import Cluster, World


@dataclass(frozen=True, slots=True)
class Ready:
    """A predicate whose selectors are understood and whose expressions are compiled."""

    labels: Selector
    claims: Selector
    expressions: tuple[Expression, ...]

    def refusal(self, cluster: Cluster) -> Refusal | None:
        """OCM's order: labels, claims, expressions; the first that fails decides."""
        missing = self.labels.missing(cluster.labels)
        if missing is not None:
            return _missing(Step.LABEL, missing, cluster.labels)
        missing = self.claims.missing(cluster.claims)
        if missing is not None:
            return _missing(Step.CLAIM, missing, cluster.claims)
        for expression in self.expressions:
            if reason := expression.failing(cluster):
                return Refusal(Step.CEL, reason, expression.text)
        return None


def read_predicate(predicate: Predicate, where: str, world: World | None = None) -> Ready:
    """Raises SelectorError; decision groups have no expressions, and so no need of the world."""
    claims = {"matchExpressions": predicate.claims.get("matchExpressions")}
    labels, claim_selector = read_selector(predicate.labels, where), read_selector(claims, where)
    if world is None:
        return Ready(labels, claim_selector, ())
    scores = _Scores(world)
    return Ready(labels, claim_selector, tuple(ready(text, scores.of) for text in predicate.expressions))


def matching(
    placement: Placement, clusters: Sequence[Cluster], world: World
) -> tuple[list[Cluster], dict[str, tuple[Refusal, ...]]]:
    """The clusters for which a predicate holds, and what each predicate has against the others."""
    if not placement.predicates or not clusters:
        return list(clusters), {}
    where = f"Placement {placement.name}"
    predicates = [read_predicate(predicate, where, world) for predicate in placement.predicates]
    matched, refused = [], {}
    for cluster in clusters:
        refusals = []
        for predicate in predicates:
            refusal = predicate.refusal(cluster)
            if refusal is None:
                matched.append(cluster)
                break
            refusals.append(refusal)
        else:
            refused[cluster.name] = tuple(refusals)
    return matched, refused


def _missing(step: Step, requirement: Requirement, found: Mapping[str, str]) -> Refusal:
    value = found.get(requirement.key)
    has = f"has no {step} {requirement.key}" if value is None else f"has the {step} {requirement.key}={value}"
    return Refusal(step, f"{has}; wanted: {requirement}", requirement.key)


class _Scores:
    """The scores of each cluster, gathered when the first expression asks."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._by_cluster: dict[str, dict[str, Mapping[str, int]]] | None = None

    def of(self, cluster: str) -> Mapping[str, Mapping[str, int]]:
        if self._by_cluster is None:
            self._by_cluster = {}
            for one in self._world.scores.values():
                self._by_cluster.setdefault(one.cluster, {})[one.name] = one.values
        return self._by_cluster.get(cluster, {})

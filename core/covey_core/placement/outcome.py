"""What the evaluation of a Placement says: who is chosen, why the others are not, and what OCM would write."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from .spec import Placement


class Step(StrEnum):
    """Where a cluster leaves the choice."""

    SET = "cluster set"
    LEAVING = "leaving"
    LABEL = "label"
    CLAIM = "claim"
    CEL = "expression"
    TAINT = "taint"
    SCORE = "score"
    CONFIGURATION = "configuration"


@dataclass(frozen=True, slots=True)
class Part:
    """What one prioritizer adds to a cluster's score, before its weight."""

    prioritizer: str
    weight: int
    score: int


@dataclass(frozen=True, slots=True)
class Chosen:
    cluster: str
    score: int
    parts: tuple[Part, ...]
    until: datetime | None = None  # the end of the toleration that it is chosen by


@dataclass(frozen=True, slots=True)
class Refusal:
    """`key` is the label, claim, taint or expression that decided; `reason` goes on after the cluster's name."""

    step: Step
    reason: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class NotChosen:
    """With several predicates there is a refusal of each."""

    cluster: str
    refusals: tuple[Refusal, ...]

    @property
    def step(self) -> Step:
        return self.refusals[0].step

    @property
    def reason(self) -> str:
        return "; ".join(dict.fromkeys(refusal.reason for refusal in self.refusals))


@dataclass(frozen=True, slots=True)
class Condition:
    type: str
    status: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Group:
    """A decision group; each slice is a PlacementDecision's name with its clusters, sorted by name."""

    index: int
    name: str
    slices: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def count(self) -> int:
        return sum(len(clusters) for _, clusters in self.slices)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`chosen` has the best first, `others` go by name; at `look_again` a toleration of a chosen cluster ends."""

    placement: Placement
    chosen: tuple[Chosen, ...]
    others: tuple[NotChosen, ...]
    conditions: tuple[Condition, Condition]
    groups: tuple[Group, ...]
    warnings: tuple[str, ...]
    look_again: datetime | None

    @property
    def clusters(self) -> tuple[str, ...]:
        return tuple(one.cluster for one in self.chosen)

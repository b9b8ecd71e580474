"""A data owner's word, complete and frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from covey_core.model.job import Storage


@dataclass(frozen=True, slots=True)
class Grant:
    """A cluster that holds the data and may train on it; `region` may be empty."""

    cluster: str
    region: str


@dataclass(frozen=True, slots=True)
class Budget:
    """What training may cost in differential privacy."""

    epsilon_per_run: float
    epsilon_total: float
    delta: float


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set; empty `purposes` or `residency` set no bound, `volume` None leaves the claim to the owner."""

    name: str
    owner: str
    purposes: tuple[str, ...]
    namespaces: tuple[str, ...]
    grants: tuple[Grant, ...]
    residency: tuple[str, ...]
    min_collaborators: int
    privacy: Budget | None
    leaves: tuple[str, ...]
    volume: Storage | None
    spec: Mapping[str, Any]

    @property
    def clusters(self) -> tuple[str, ...]:
        """The granted clusters, sorted."""
        return tuple(sorted({grant.cluster for grant in self.grants}))

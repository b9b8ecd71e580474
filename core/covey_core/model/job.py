"""A training job as its author wrote it, complete and frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from covey_core.model.listener import ListenerType


@dataclass(frozen=True, slots=True)
class App:
    """`path` is the folder beside the job's file, `image` the reference with its digest."""

    path: str
    image: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement on cluster labels, as Kubernetes' label selectors have them."""

    key: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """One score of an AddOnPlacementScore, with its weight (-10 to 10)."""

    resource: str
    name: str
    weight: int


@dataclass(frozen=True, slots=True)
class Preferences:
    """Weights (-10 to 10) of what makes a cluster come first; 0 is no preference."""

    cpu: int
    memory: int
    score: Score | None


@dataclass(frozen=True, slots=True)
class Toleration:
    """A tolerated taint of clusters; `seconds` is None for ever."""

    key: str
    operator: str
    value: str
    seconds: int | None


@dataclass(frozen=True, slots=True)
class Collaborators:
    """Which clusters take part, and how many."""

    min: int
    max: int
    min_per_round: int
    cluster_sets: tuple[str, ...]
    data_set: str
    require: tuple[Requirement, ...]
    prefer: Preferences
    tolerations: tuple[Toleration, ...]
    loss_seconds: int


@dataclass(frozen=True, slots=True)
class Gpus:
    count: int
    resource: str


@dataclass(frozen=True, slots=True)
class Compute:
    """Kubernetes quantities; requests and limits are the same."""

    cpu: str
    memory: str
    gpus: Gpus | None


@dataclass(frozen=True, slots=True)
class Timeouts:
    """In seconds."""

    waiting: int
    round: int
    run: int


@dataclass(frozen=True, slots=True)
class Privacy:
    """Differential privacy of one run."""

    epsilon: float
    delta: float
    clipping_norm: float
    noise_multiplier: float


@dataclass(frozen=True, slots=True)
class JobListener:
    """How collaborators reach the aggregator, where the job says so; `node_port` 0 lets the API server choose."""

    type: ListenerType
    node_port: int


@dataclass(frozen=True, slots=True)
class Storage:
    """`class_name` is empty for the cluster's default class."""

    size: str
    class_name: str


@dataclass(frozen=True, slots=True)
class FederatedJob:
    """A job; `spec` is the document's spec with all defaults filled in, as it is handed on to the hub."""

    name: str
    namespace: str
    runtime: str
    purpose: str
    app: App
    run_number: int
    run_state: str
    rounds: int
    config: Mapping[str, str | float | bool]
    collaborators: Collaborators
    aggregator: Compute
    collaborator: Compute
    timeouts: Timeouts
    attempts: int
    privacy: Privacy | None
    listener: JobListener | None
    storage: Storage
    spec: Mapping[str, Any]

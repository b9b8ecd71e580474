"""A job's differential privacy: each update is clipped, all count the same, noise is added, and no metric is kept.

A round's noisy arrays leave this machine only when they are kept: what a restart does again, nobody has seen.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from flwr.app import Array, ArrayRecord
from flwr.serverapp.strategy import DifferentialPrivacyServerSideFixedClipping, FedAvg

from covey_flower.budget import spent
from covey_reports.reporting import BAD_START, ReportedError, report

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flwr.app import Message, MetricRecord

_LOOK = 0.01


@dataclass(frozen=True, slots=True)
class Privacy:
    epsilon: float
    delta: float
    clipping_norm: float
    noise_multiplier: float

    def spent(self, rounds: int) -> float:
        return spent(rounds, noise=self.noise_multiplier, delta=self.delta)


def asked() -> Privacy | None:
    """What the job asks for."""
    return Privacy(**json.loads(words)) if (words := os.environ.get("COVEY_PRIVACY")) else None


def too_much(privacy: Privacy, rounds: int) -> str:
    """Why the job's own numbers can't be kept; empty where they can."""
    cost = privacy.spent(rounds)
    if cost <= privacy.epsilon:
        return ""
    numbers = f"{rounds} rounds with the noise multiplier {privacy.noise_multiplier:g} cost an epsilon of {cost:.3g}"
    wish = f"at delta {privacy.delta:g}; the job allows {privacy.epsilon:g}"
    return f"{numbers} {wish}: take fewer rounds or more noise."


def refuse(what: str) -> None:
    said = f"The job asks for differential privacy, and {what}."
    report("error", code=BAD_START, message=said)
    raise ReportedError(said)


def protected(strategy: Any, privacy: Privacy) -> Private:
    """Only a plain mean has the sensitivity that the noise is made for."""
    if getattr(type(strategy), "aggregate_train", None) is not FedAvg.aggregate_train:
        refuse(f"the app's {type(strategy).__name__} does more than to average: use FedAvg or FedProx")
    return Private(strategy, privacy.noise_multiplier, privacy.clipping_norm, num_sampled_clients=1)


class Private(DifferentialPrivacyServerSideFixedClipping):
    """Flower's, with equal weights, noise that an app's seed can't foretell, and for as many as have answered."""

    def aggregate_train(
        self, server_round: int, replies: Iterable[Message]
    ) -> tuple[ArrayRecord | None, MetricRecord | None]:
        known = [reply for reply in replies if not reply.has_error()]
        for reply in known:
            for record in reply.content.metric_records.values():
                record.clear()
                record[self.strategy.weighted_by_key] = 1
        self.num_sampled_clients = max(len(known), 1)
        return super().aggregate_train(server_round, known)

    def configure_evaluate(self, *_: Any, **__: Any) -> Iterable[Message]:
        """What the data say of a model is no noisy number."""
        return []

    def _add_noise_to_aggregated_arrays(self, aggregated_arrays: ArrayRecord) -> ArrayRecord:
        deviation = self.noise_multiplier * self.clipping_norm / self.num_sampled_clients
        chance = np.random.default_rng()

        def noisy(array: Array) -> Array:
            values = array.numpy()
            return Array((values + chance.normal(0, deviation, values.shape)).astype(values.dtype))

        return ArrayRecord({key: noisy(array) for key, array in aggregated_arrays.items()})


def await_kept(number: int) -> None:
    """Until the launcher has written the round's checkpoint to the disk."""
    latest = Path(os.environ["COVEY_LATEST"])
    while not (latest.exists() and int(latest.read_text().rpartition("-")[2]) >= number):
        time.sleep(_LOOK)

"""Wraps a strategy: it goes on from the last checkpoint, and each finished round is handed over and reported."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from covey_flower.arrays import finite, hand_over, load
from covey_flower.grid import CoveyGrid
from covey_flower.reporting import APP_FAILED, report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flwr.app import ArrayRecord, ConfigRecord, Message, MetricRecord
    from flwr.serverapp import Grid
    from flwr.serverapp.strategy import Result

    _Evaluate = Callable[[int, ArrayRecord], MetricRecord | None]

_WEIGHT = "num-examples"
_STEPS = ("configure_train", "aggregate_train", "configure_evaluate", "aggregate_evaluate")


class BadUpdateError(Exception):
    """Reported already, with who sent it."""


class Rounds:
    """One call of `strategy.start`; round numbers count from the run's beginning, not from this process's."""

    def __init__(self, strategy: Any, grid: CoveyGrid, evaluate: _Evaluate | None) -> None:
        self.done = int(os.environ["COVEY_DONE"])
        self._strategy = strategy
        self._grid = grid
        self._evaluate = evaluate
        self._metrics: dict[str, Any] = {}
        self._collaborators: dict[str, dict[str, Any]] = {}

    def wrap(self) -> None:
        for name in _STEPS:
            setattr(self._strategy, name, self._step(name, getattr(self._strategy, name)))

    def finished(self, number: int, arrays: ArrayRecord) -> MetricRecord | None:
        """Stands where the app's own central evaluation stood: before the first round, and at the end of each."""
        if number == 0 and self.done:
            return None
        own = self._evaluate(self.done + number, arrays) if self._evaluate else None
        if number:
            if own is not None:
                self._metrics |= _plain(own)
            name = f"round-{self.done + number}"
            hand_over(name, arrays, self._strategy)
            fields = {"metrics": self._metrics, "collaborators": self._collaborators}
            report("round", round=self.done + number, folder=name, **fields)
            self._metrics, self._collaborators = {}, {}
        return own

    def _step(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def numbered(number: int, *arguments: Any, **options: Any) -> Any:
            return original(self.done + number, *arguments, **options)

        def aggregated(number: int, replies: Iterable[Message]) -> Any:
            known = list(replies)
            self._refuse_bad(known, self.done + number)
            for reply in known:
                self._take(reply)
            result = original(self.done + number, known)
            metrics = result[1] if isinstance(result, tuple) else result
            self._metrics |= _plain(metrics) if metrics is not None else {}
            return result

        return aggregated if name.startswith("aggregate") else numbered

    def _take(self, reply: Message) -> None:
        name = self._grid.names.get(reply.metadata.src_node_id)
        if name is None or reply.has_error():
            return
        for record in reply.content.metric_records.values():
            values = _plain(record)
            if _WEIGHT in values:
                values["examples"] = values.pop(_WEIGHT)
            self._collaborators.setdefault(name, {}).update(values)

    def _refuse_bad(self, replies: list[Message], number: int) -> None:
        """One such update would make the whole model useless, in a way that nobody sees before the end."""
        bad = {
            self._grid.names.get(reply.metadata.src_node_id, "an unknown node")
            for reply in replies
            if not reply.has_error() and not all(finite(record) for record in reply.content.array_records.values())
        }
        if bad:
            said = f"The update of {', '.join(sorted(bad))} in round {number} holds NaN or infinity."
            report("error", code=APP_FAILED, message=said)
            raise BadUpdateError(said)


def start(  # noqa: PLR0917 - Flower's own parameters, which apps give by position
    original: Callable[..., Result],
    strategy: Any,
    grid: Grid,
    initial_arrays: ArrayRecord,
    num_rounds: int = 3,  # noqa: ARG001 - the job's rounds count
    timeout: float = 3600,
    train_config: ConfigRecord | None = None,
    evaluate_config: ConfigRecord | None = None,
    evaluate_fn: _Evaluate | None = None,
) -> Result:
    """In place of `Strategy.start`, with the same parameters, as apps give them by position or name."""
    minimum, per_round = int(os.environ["COVEY_MINIMUM"]), int(os.environ["COVEY_MINIMUM_PER_ROUND"])
    for name in ("min_available_nodes", "min_train_nodes", "min_evaluate_nodes"):
        if getattr(strategy, name, 0):
            setattr(strategy, name, per_round)
    ours = CoveyGrid(grid, needed=minimum, per_round=per_round)
    rounds = Rounds(strategy, ours, evaluate_fn)
    if folder := os.environ["COVEY_RESUME"]:
        initial_arrays = load(Path(folder), strategy)
    rounds.wrap()
    left = int(os.environ["COVEY_ROUNDS"]) - rounds.done
    timeout = min(timeout, float(os.environ["COVEY_ROUND_SECONDS"]))
    result = original(
        strategy, ours, initial_arrays, left, timeout, train_config, evaluate_config, evaluate_fn=rounds.finished
    )
    hand_over("model", result.arrays or initial_arrays)
    return result


def _plain(record: MetricRecord) -> dict[str, Any]:
    return {key: value for key, value in record.items() if isinstance(value, int | float)}

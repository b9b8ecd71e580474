"""Wraps a strategy: it goes on from the last checkpoint, and each finished round is handed over and reported."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from covey_flower.arrays import hand_over, load
from covey_flower.grid import CoveyGrid
from covey_flower.privacy import asked, await_kept, protected
from covey_flower.progress import CENTRAL, EVALUATE, TRAIN, Progress
from covey_flower.updates import refuse_bad

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flwr.app import ArrayRecord, ConfigRecord, Message, MetricRecord
    from flwr.serverapp.strategy import Result

    from covey_flower.privacy import Privacy

    _Evaluate = Callable[[int, ArrayRecord], MetricRecord | None]

_KINDS = {"configure_train": "", "aggregate_train": TRAIN, "configure_evaluate": "", "aggregate_evaluate": EVALUATE}


class Rounds:
    """One call of `strategy.start`; round numbers count from the run's beginning, not from this process's."""

    def __init__(self, strategy: Any, evaluate: _Evaluate | None, private: Privacy | None) -> None:
        self.done = int(os.environ["COVEY_DONE"])
        self._strategy = strategy
        self._evaluate = evaluate
        self._private = private
        self._progress = Progress()

    def wrap(self) -> None:
        for name, kind in _KINDS.items():
            original = getattr(self._strategy, name)
            setattr(self._strategy, name, self._aggregated(original, kind) if kind else self._numbered(original))

    def finished(self, number: int, arrays: ArrayRecord) -> MetricRecord | None:
        """Stands where the app's own central evaluation stood: before the first round, and at the end of each."""
        if number == 0 and self.done:
            return None
        own = self._evaluate(self.done + number, arrays) if self._evaluate else None
        if number:
            self._progress.take("", CENTRAL, own or {})
            self._hand_over(self.done + number, arrays)
        return own

    def _hand_over(self, number: int, arrays: ArrayRecord) -> None:
        if self._private:
            self._progress.take("", CENTRAL, {"privacy_epsilon": self._private.spent(number)})
        hand_over(f"round-{number}", arrays, self._strategy)
        self._progress.finish(number, f"round-{number}")
        if self._private:
            await_kept(number)

    def _numbered(self, original: Callable[..., Any]) -> Callable[..., Any]:
        return lambda number, *arguments, **options: original(self.done + number, *arguments, **options)

    def _aggregated(self, original: Callable[..., Any], kind: str) -> Callable[..., Any]:
        def aggregated(number: int, replies: Iterable[Message]) -> Any:
            known = [reply for reply in replies if not reply.has_error()]
            senders = [CoveyGrid.name_of(reply.metadata.src_node_id) for reply in known]
            arrays = (list(reply.content.array_records.values()) for reply in known)
            refuse_bad(zip(senders, arrays, strict=True), self.done + number)
            for name, reply in zip(senders, known, strict=True):
                for record in reply.content.metric_records.values():
                    self._progress.take(name, kind, {} if self._private else record)
            result = original(self.done + number, known)
            metrics = result[1] if isinstance(result, tuple) else result
            self._progress.take("", kind, metrics or {})
            return result

        return aggregated


def start(  # noqa: PLR0917 - Flower's own parameters, which apps give by position
    original: Callable[..., Result],
    strategy: Any,
    grid: CoveyGrid,
    initial_arrays: ArrayRecord,
    num_rounds: int = 3,  # noqa: ARG001 - the job's rounds count
    timeout: float = 3600,
    train_config: ConfigRecord | None = None,
    evaluate_config: ConfigRecord | None = None,
    evaluate_fn: _Evaluate | None = None,
) -> Result:
    """In place of `Strategy.start`, with the same parameters, as apps give them by position or name."""
    for name in ("min_available_nodes", "min_train_nodes", "min_evaluate_nodes"):
        if getattr(strategy, name, 0):
            setattr(strategy, name, grid.per_round)
    if folder := os.environ["COVEY_RESUME"]:
        initial_arrays = load(Path(folder), strategy)
    private = asked()
    if private:
        strategy = protected(strategy, private)
    CoveyGrid.tells_rounds, CoveyGrid.may_send = False, True
    rounds = Rounds(strategy, evaluate_fn, private)
    rounds.wrap()
    left = int(os.environ["COVEY_ROUNDS"]) - rounds.done
    result = original(
        strategy, grid, initial_arrays, left, timeout, train_config, evaluate_config, evaluate_fn=rounds.finished
    )
    CoveyGrid.may_send = not private
    hand_over("model", result.arrays or initial_arrays)
    return result

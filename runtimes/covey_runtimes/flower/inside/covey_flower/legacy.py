"""Apps of the old kind (`server_fn` and `flwr.server.strategy`), wrapped as `rounds.py` wraps the new ones."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flwr.app import ArrayRecord
from flwr.common import ndarrays_to_parameters, parameters_to_ndarrays
from flwr.server.history import History

from covey_flower.arrays import hand_over, handed_over, load
from covey_flower.grid import POLL, CoveyGrid, seconds
from covey_flower.progress import CENTRAL, EVALUATE, TRAIN, Progress
from covey_flower.updates import refuse_bad
from covey_reports.reporting import report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flwr.app import Message

_OWN_SERVER = "The app has a Server of its own: a restart of the aggregator begins it anew."


class OneToOne(CoveyGrid):
    """Each thread asks one node, and would not know what to do with another one's answer."""

    def send_and_receive(self, messages: Iterable[Message], *, timeout: float | None = None) -> Iterable[Message]:
        waiting, _ = self.push(list(messages))
        replies = []
        end = time.monotonic() + seconds(timeout)
        while waiting and time.monotonic() < end:
            for reply in self.inner.pull_messages(set(waiting)):
                del waiting[reply.metadata.reply_to_message_id]
                replies.append(reply)
            if waiting and not self.gone(waiting):
                time.sleep(POLL)
        return replies


class TooFewError(Exception):
    """Fewer answers than a round needs: it is tried again."""


class Legacy:
    def __init__(self, server: Any, grid: CoveyGrid) -> None:
        self.done = int(os.environ["COVEY_DONE"])
        self._server, self._strategy, self._grid = server, server.strategy, grid
        self._progress = Progress()

    def wrap(self) -> None:
        for owner, name in (
            (self._server, "fit_round"),
            (self._server, "evaluate_round"),
            (self._strategy, "initialize_parameters"),
            (self._strategy, "aggregate_fit"),
            (self._strategy, "evaluate"),
            (self._strategy, "aggregate_evaluate"),
        ):
            setattr(owner, name, self._around(getattr(self, f"_{name}"), getattr(owner, name)))

    def _around(self, ours: Callable[..., Any], original: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *arguments, **options: ours(original, *arguments, **options)

    def _initialize_parameters(self, original: Callable[..., Any], client_manager: Any) -> Any:
        if folder := os.environ["COVEY_RESUME"]:
            return ndarrays_to_parameters(load(Path(folder), self._strategy).to_numpy_ndarrays())
        return original(client_manager=client_manager)

    def _fit_round(self, original: Callable[..., Any], server_round: int, timeout: float | None) -> Any:
        while True:
            try:
                result = original(server_round=self.done + server_round, timeout=timeout)
            except TooFewError:
                time.sleep(POLL)
            else:
                self._grid.begun()
                return result

    def _evaluate_round(self, original: Callable[..., Any], server_round: int, timeout: float | None) -> Any:
        """The last step of a round."""
        number = self.done + server_round
        result = original(server_round=number, timeout=timeout)
        hand_over(f"round-{number}", _record(self._server), self._strategy)
        self._progress.finish(number, f"round-{number}")
        return result

    def _aggregate_fit(self, original: Callable[..., Any], number: int, results: list[Any], failures: Any) -> Any:
        if len(results) < self._grid.per_round:
            raise TooFewError
        named = [(CoveyGrid.name_of(client.node_id), one) for client, one in results]
        refuse_bad(((name, [ArrayRecord(parameters_to_ndarrays(one.parameters))]) for name, one in named), number)
        for name, one in named:
            self._progress.take(name, TRAIN, {"num-examples": one.num_examples, **one.metrics})
        parameters, metrics = original(number, results, failures)
        self._progress.take_means(TRAIN)
        self._progress.take("", TRAIN, metrics)
        return parameters, metrics

    def _aggregate_evaluate(self, original: Callable[..., Any], number: int, results: list[Any], failures: Any) -> Any:
        for client, one in results:
            name = CoveyGrid.name_of(client.node_id)
            told = {"num-examples": one.num_examples, "loss": one.loss, **one.metrics}
            self._progress.take(name, EVALUATE, told)
        loss, metrics = original(number, results, failures)
        self._progress.take_means(EVALUATE)
        self._progress.take("", EVALUATE, metrics if loss is None else {"loss": loss, **metrics})
        return loss, metrics

    def _evaluate(self, original: Callable[..., Any], server_round: int, parameters: Any) -> Any:
        if not server_round and self.done:
            return None
        result = original(self.done + server_round, parameters=parameters)
        if result is not None and server_round:
            self._progress.take("", CENTRAL, {"loss": result[0], **result[1]})
        return result


def start(original: Callable[..., Any], *, grid: CoveyGrid, **options: Any) -> Any:
    """In place of `start_grid`."""
    result = original(grid=OneToOne(grid.inner), **options)
    if not handed_over("model") and (server := options.get("server")):
        report("error", message=_OWN_SERVER)
        hand_over("model", _record(server))
    return result


def fit(original: Callable[..., Any], server: Any, num_rounds: int, timeout: float | None) -> Any:  # noqa: ARG001 - the job's rounds count
    """In place of `Server.fit`, unless the app has a Server with one of its own."""
    left = int(os.environ["COVEY_ROUNDS"]) - int(os.environ["COVEY_DONE"])
    if not left:  # killed before the model was kept
        hand_over("model", load(Path(os.environ["COVEY_RESUME"])))
        return History(), 0.0
    strategy, grid = server.strategy, _grid_of(server)
    for name in ("min_available_clients", "min_fit_clients", "min_evaluate_clients"):
        if getattr(strategy, name, 0):
            setattr(strategy, name, grid.per_round)
    legacy = Legacy(server, grid)
    legacy.wrap()
    result = original(server, left, timeout)
    hand_over("model", _record(server))
    return result


def _grid_of(server: Any) -> Any:
    """The clients know it, and there is one as soon as the first node is here."""
    return next(iter(server.client_manager().all().values())).grid


def _record(server: Any) -> ArrayRecord:
    return ArrayRecord(parameters_to_ndarrays(server.parameters))

"""Around OpenFL's aggregator: whom a round waits for, what is refused, and when a round's results are handed over."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

from openfl.callbacks import Callback

from covey_openfl import arrays
from covey_openfl.results import model_tensor
from covey_reports.reporting import APP_FAILED, fail, failed

if TYPE_CHECKING:
    from collections.abc import Callable

    from openfl.federated import Plan

    from covey_openfl.presence import Presence
    from covey_openfl.results import Ended, Results


class BadUpdateError(Exception):
    """The message is one sentence."""


class Rounds(Callback):
    """Round numbers are OpenFL's, from 0, inside; from 1 in what is told."""

    def __init__(self, plan: Plan, results: Results, presence: Presence) -> None:
        super().__init__()
        self.code: int | None = None  # of a failure that ends the run
        self.over = False  # once the model is handed over
        self.aggregator: Any = None
        self._plan = plan
        self._results = results
        self._presence = presence
        self._per_round = int(os.environ["COVEY_MINIMUM_PER_ROUND"])
        self._bad: dict[str, set[str]] = {}  # what is wrong, and whose updates it is wrong with
        self._ended: Ended | None = None
        self._lock = threading.RLock()  # OpenFL itself looks at a round from many threads

    def attach(self, aggregator: Any) -> None:
        """Puts ours in the place of the object's own methods, whichever class it is of."""
        self.aggregator = aggregator
        self._own = {
            name: getattr(aggregator, name)
            for name in ("get_tasks", "process_task_results", "_process_named_tensor", "_end_of_round_check")
        }
        aggregator.get_tasks = self.get_tasks
        aggregator.process_task_results = self.process_task_results
        aggregator._process_named_tensor = self.process_named_tensor  # noqa: SLF001 - where an update is decoded
        aggregator._end_of_round_check = self.end_of_round  # noqa: SLF001 - where it is aggregated
        if type(aggregator.straggler_handling_policy).__name__ == "WaitForAllPolicy":
            aggregator.straggler_handling_policy = Policy(self)

    @property
    def finished(self) -> bool:
        return bool(self.aggregator.round_number >= self.aggregator.rounds_to_train)

    def get_tasks(self, name: str) -> tuple[Any, int, int, bool]:
        """Who came after this round had begun waits for the next one."""
        with self._lock:
            if name not in self.aggregator.authorized_cols and not self.finished:
                return None, self.aggregator.round_number, 0, False
            tasks, number, _, over = self._own["get_tasks"](name)
            return tasks, number, 0, over

    def process_task_results(self, name: str, number: int, task: str, *rest: Any) -> None:
        with self._lock:
            if self.code is None and name in self.aggregator.authorized_cols:
                self._guard(lambda: self._own["process_task_results"](name, number, task, *rest))

    def process_named_tensor(self, tensor: Any, name: str) -> Any:
        try:
            key, value = self._own["_process_named_tensor"](tensor, name)
        except Exception as error:
            said = f"The update of {name} in round {self.aggregator.round_number + 1} can't be read"
            raise BadUpdateError(f"{said}: {type(error).__name__}: {error}") from error
        if "metric" not in key.tags and not arrays.finite(value):
            self._bad.setdefault("holds NaN or infinity", set()).add(name)
        model = model_tensor(self.aggregator, key.tensor_name, key.round_number) if "trained" in key.tags else None
        if model is not None and model.shape != value.shape:
            self._bad.setdefault("holds arrays of other shapes than the model's", set()).add(name)
        return key, value

    def on_round_end(self, round_num: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002 - OpenFL's own
        self._ended = self._results.collect(self.aggregator, round_num)

    def end_of_round(self) -> None:
        """Nothing bad is averaged; and what is averaged is handed over before anybody gets the next task."""
        for what, names in self._bad.items():
            said = f"The update of {', '.join(sorted(names))} in round {self.aggregator.round_number + 1} {what}."
            raise BadUpdateError(said)
        self._own["_end_of_round_check"]()
        if self._ended:
            ended, self._ended, score = self._ended, None, self.aggregator.best_model_score
            self._results.hand_over(ended, score)
            if self.finished:
                self._results.hand_over_model(ended.model, ended.number, score)
                self.over = True
            else:
                self._admit()

    def look(self) -> None:
        """Somebody for whom the round waited may be gone."""
        with self._lock:
            if self.code is None and not self.finished and self.aggregator.collaborators_done:
                self._guard(self.aggregator._end_of_round_with_stragglers_check)  # noqa: SLF001 - as above

    def complete(self) -> bool:
        """Whether enough have answered, and nobody who is here still works."""
        with_tasks = {
            name
            for name in self.aggregator.authorized_cols
            if self.aggregator.assigner.get_tasks_for_collaborator(name, self.aggregator.round_number)
        }
        done = set(self.aggregator.collaborators_done)
        enough = len(done) >= min(self._per_round, len(with_tasks))
        return bool(done) and enough and not (with_tasks & self._presence.here) - done

    def _admit(self) -> None:
        """Those who came since; OpenFL has no word for that, so the assigner is made anew."""
        new = sorted(self._presence.here - set(self.aggregator.authorized_cols))
        if new and not self.aggregator._secure_aggregation_enabled:  # noqa: SLF001 - its keys are made at the start
            self.aggregator.authorized_cols.extend(new)
            self._plan.assigner_ = None
            self.aggregator.assigner = self._plan.get_assigner()

    def _guard(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BadUpdateError as error:
            self.code = fail(APP_FAILED, str(error))
            raise
        except Exception as error:
            self.code = failed("The aggregation", error)
            raise


class Policy:
    """In the place of OpenFL's WaitForAllPolicy, which waits for ever for who is gone."""

    def __init__(self, rounds: Rounds) -> None:
        self._rounds = rounds

    def start_policy(self, **_: Any) -> None:
        """Nothing to start: there is no clock."""

    def reset_policy_for_round(self) -> None:
        """Nothing to forget."""

    def straggler_cutoff_check(self, *_: Any, **__: Any) -> bool:
        return self._rounds.complete()

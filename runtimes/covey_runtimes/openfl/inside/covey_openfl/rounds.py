"""Around OpenFL's aggregator: whom a round waits for, what is refused, and what each round leaves behind."""

from __future__ import annotations

import json
import os
import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openfl.callbacks import Callback
from openfl.utilities import TensorKey

from covey_openfl import arrays, metrics
from covey_openfl.reporting import APP_FAILED, fail, failed, report

if TYPE_CHECKING:
    from openfl.federated import Plan

    from covey_openfl.model import Model
    from covey_openfl.presence import Presence

BEST, SCORE = "best.pbuf", "best.json"


class BadUpdateError(Exception):
    """Reported already, with who sent it."""


class Rounds(Callback):
    """Round numbers are OpenFL's, from 0, inside; from 1 in what is told."""

    def __init__(self, plan: Plan, model: Model, presence: Presence) -> None:
        super().__init__()
        self.code: int | None = None  # of a failure that ends the run
        self.aggregator: Any = None
        self._plan = plan
        self._model = model
        self._presence = presence
        self._per_round = int(os.environ["COVEY_MINIMUM_PER_ROUND"])
        self._bad: set[str] = set()
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
        key, value = self._own["_process_named_tensor"](tensor, name)
        if "metric" not in key.tags and not arrays.finite(value):
            self._bad.add(name)
        return key, value

    def end_of_round(self) -> None:
        if self._bad:
            said = f"The update of {', '.join(sorted(self._bad))} in round {self.aggregator.round_number + 1} holds"
            self.code = fail(APP_FAILED, f"{said} NaN or infinity.")
            raise BadUpdateError(said)
        self._own["_end_of_round_check"]()
        if not self.finished:
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

    def on_round_end(self, round_num: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002 - OpenFL's own
        values = self._next(round_num)
        measured = self._measured(round_num)
        name = f"round-{round_num + 1}"
        arrays.hand_over(name, values, self._fill)
        report("round", round=round_num + 1, folder=name, **measured)
        if round_num + 1 >= self.aggregator.rounds_to_train:
            self.hand_over_model(values, round_num + 1)

    def hand_over_model(self, values: dict[str, Any], number: int) -> None:
        """OpenFL's own last.pbuf is the model before the last round; this one is the model after it."""

        def fill(folder: Path) -> None:
            self._model.save(values, number, folder)
            self._copy_results(folder)

        arrays.hand_over("model", values, fill)

    def _fill(self, folder: Path) -> None:
        arrays.save_state(folder, functions(self._plan))
        self._copy_results(folder)

    def _copy_results(self, folder: Path) -> None:
        """The best model so far, as OpenFL judges it, or what an analysis found."""
        score = self.aggregator.best_model_score if self.aggregator else None
        best = Path(self._plan.config["aggregator"]["settings"]["best_state_path"])
        if best.exists():
            shutil.copyfile(best, folder / BEST)
            (folder / SCORE).write_text(json.dumps(None if score is None else float(score)))
        last = Path(self._plan.config["aggregator"]["settings"]["last_state_path"])
        if last.suffix == ".json" and last.exists():
            shutil.copyfile(last, folder / last.name)

    def _next(self, round_num: int) -> dict[str, Any]:
        """The model after this round: what the next one begins with. OpenFL itself saves it only then."""
        db, uuid = self.aggregator.tensor_db, self.aggregator.uuid
        names = [tensor.name for tensor in self.aggregator.model.tensors]
        found = {}
        for name in names:
            for number in (round_num + 1, round_num):
                value = db.get_tensor_from_cache(TensorKey(name, uuid, number, report=False, tags=("model",)))
                if value is not None:
                    found[name] = value
                    break
        analysed = db.get_tensors_by_round_and_tags(round_num, ("analytics",))
        return found | {key.tensor_name: value for key, value in analysed.items()}

    def _measured(self, round_num: int) -> dict[str, Any]:
        queue, tasks, done = self.aggregator.metric_queue, self._plan.get_tasks(), self.aggregator.collaborators_done
        known = [queue.get_nowait() for _ in range(queue.qsize())]
        known = [one for one in known if one["round"] == round_num]
        found = metrics.by_origin(known, tasks)
        sizes = {(key.task_name, key.owner): size for key, size in self.aggregator.collaborator_task_weight.items()}
        examples = metrics.examples(sizes, tasks)
        each = {
            name: {**({"examples": examples[name]} if name in examples else {}), **found.get(name, {})}
            for name in sorted(done)
        }
        return {"metrics": found.get(metrics.AGGREGATOR, {}), "collaborators": each}

    def _admit(self) -> None:
        """Those who came since; OpenFL has no word for that, so the assigner is made anew."""
        new = sorted(self._presence.here - set(self.aggregator.authorized_cols))
        if new and not self.aggregator._secure_aggregation_enabled:  # noqa: SLF001 - its keys are made at the start
            self.aggregator.authorized_cols.extend(new)
            self._plan.assigner_ = None
            self.aggregator.assigner = self._plan.get_assigner()

    def _guard(self, work: Any) -> None:
        try:
            work()
        except BadUpdateError:
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


def functions(plan: Plan) -> dict[str, Any]:
    """The aggregation functions by task."""
    return {name: task["aggregation_type"] for name, task in plan.get_tasks().items()}

"""What a round leaves behind: the model, its metrics, and OpenFL's own files."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openfl.utilities import TensorKey

from covey_openfl import arrays, metrics
from covey_reports.few import few
from covey_reports.reporting import report

if TYPE_CHECKING:
    from openfl.federated import Plan

    from covey_openfl.model import Model

BEST, SCORE = "best.pbuf", "best.json"


@dataclass(frozen=True, slots=True)
class Ended:
    """A round that has just been aggregated, counted from 1; `before` was measured of the round before."""

    number: int
    model: dict[str, Any]
    measured: dict[str, Any]
    before: dict[str, dict[str, float]]


class Results:
    def __init__(self, plan: Plan, model: Model) -> None:
        self._plan = plan
        self._model = model

    def collect(self, aggregator: Any, number: int) -> Ended:
        """While OpenFL still has it; `number` is OpenFL's, which counts from 0."""
        queue, tasks = aggregator.metric_queue, self._plan.get_tasks()
        known = [queue.get_nowait() for _ in range(queue.qsize())]
        own: list[dict[str, Any]] = []
        late: list[dict[str, Any]] = []
        for one in known:
            if one["round"] == number:
                before = metrics.validates_the_round_before(one["task_name"], tasks)
                (late if before else own).append(one)
        measured = self._measured(aggregator, metrics.by_origin(own, tasks))
        return Ended(number + 1, _next_model(aggregator, number), measured, metrics.by_origin(late, tasks))

    def hand_over(self, ended: Ended, score: Any) -> None:
        def fill(folder: Path) -> None:
            arrays.save_state(folder, functions(self._plan))
            self._copy(folder, score)

        name = f"round-{ended.number}"
        arrays.hand_over(name, ended.model, fill)
        for who, values in ended.before.items() if ended.number > 1 else ():
            of = {} if who == metrics.AGGREGATOR else {"collaborator": who}
            for metric, value in few(values).items():
                report("metric", name=metric, value=value, round=ended.number - 1, **of)
        report("round", round=ended.number, folder=name, **ended.measured)

    def hand_over_model(self, model: dict[str, Any], number: int, score: Any) -> None:
        """OpenFL's own last.pbuf is the model before the last round; this one is the model after it."""

        def fill(folder: Path) -> None:
            self._model.save(model, number, folder)
            self._copy(folder, score)

        arrays.hand_over("model", model, fill)

    def resume(self, folder: Path) -> Any:
        """The best model so far, back where OpenFL looks for it, and its score; and the functions' own state."""
        arrays.restore_state(folder, functions(self._plan))
        if not (folder / BEST).exists():
            return None
        best = self._path("best_state_path")
        best.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / BEST, best)
        return json.loads((folder / SCORE).read_text())

    def _copy(self, folder: Path, score: Any) -> None:
        """The best model so far, as OpenFL judges it, or what an analysis found."""
        if self._path("best_state_path").exists():
            shutil.copyfile(self._path("best_state_path"), folder / BEST)
            (folder / SCORE).write_text(json.dumps(None if score is None else float(score)))
        last = self._path("last_state_path")
        if last.suffix == ".json" and last.exists():
            shutil.copyfile(last, folder / last.name)

    def _path(self, name: str) -> Path:
        return Path(self._plan.config["aggregator"]["settings"][name])

    def _measured(self, aggregator: Any, found: dict[str, dict[str, float]]) -> dict[str, Any]:
        sizes = {(key.task_name, key.owner): size for key, size in aggregator.collaborator_task_weight.items()}
        examples = metrics.examples(sizes, self._plan.get_tasks())
        done = sorted(aggregator.collaborators_done)
        each = {
            name: {**({"examples": examples[name]} if name in examples else {}), **found.get(name, {})} for name in done
        }
        sharers = len(done) + 1
        return {
            "metrics": few(found.get(metrics.AGGREGATOR, {}), sharers=sharers),
            "collaborators": {name: few(values, sharers=sharers) for name, values in each.items()},
        }


def functions(plan: Plan) -> dict[str, Any]:
    """The aggregation functions by task."""
    return {name: task["aggregation_type"] for name, task in plan.get_tasks().items()}


def model_tensor(aggregator: Any, name: str, number: int) -> Any:
    """A tensor of the model that round began with; None where there is none."""
    return aggregator.tensor_db.get_tensor_from_cache(
        TensorKey(name, aggregator.uuid, number, report=False, tags=("model",))
    )


def _next_model(aggregator: Any, number: int) -> dict[str, Any]:
    """The model after this round, which OpenFL saves only after the next; a tensor that nobody trained stays."""
    found = {}
    for name in (tensor.name for tensor in aggregator.model.tensors):
        value = model_tensor(aggregator, name, number + 1)
        found[name] = model_tensor(aggregator, name, number) if value is None else value
    analysed = aggregator.tensor_db.get_tensors_by_round_and_tags(number, ("analytics",))
    return found | {key.tensor_name: value for key, value in analysed.items()}

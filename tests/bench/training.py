"""Trains the example side by side with raw Flower and raw OpenFL; writes results/training.md.

PYTHONPATH=tests .venv/bin/python tests/bench/training.py [--quick] [--runs 3] [--only flower] [--nodes 2]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import covey_training
import stock_flower
import stock_openfl
import training_report
import trainings
from conditions import RESULTS, Busy, ending_well, load
from usage import Sampler

if TYPE_CHECKING:
    from types import ModuleType

STOCK = {"flower": stock_flower, "openfl": stock_openfl}


@dataclass(slots=True)
class Case:
    """One setting, and what each contestant took; `rounds` are Covey's, the raw side does fewer where it is slow."""

    runtime: str
    nodes: int
    rounds: int
    raw_rounds: int
    evaluating: bool = False
    covey: list[trainings.Figures] = field(default_factory=list)
    raw: list[trainings.Figures] = field(default_factory=list)
    busy: list[Busy] = field(default_factory=list)


FULL = (
    ("flower", 2, 5, 5, False),
    ("openfl", 2, 5, 5, False),
    ("flower", 2, 5, 3, True),
    ("flower", 8, 5, 2, False),
    ("openfl", 8, 5, 3, False),
    ("flower", 8, 5, 2, True),
)
QUICK = (("flower", 2, 3, 2, False), ("openfl", 2, 3, 2, False))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two nodes, few rounds, one run, and no file written")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", choices=sorted(STOCK))
    parser.add_argument("--nodes", type=int, choices=(2, 8))
    options = parser.parse_args()
    ending_well()
    chosen = [Case(*words) for words in (QUICK if options.quick else FULL)]
    wanted = [one for one in chosen if options.only in {None, one.runtime} and options.nodes in {None, one.nodes}]
    done: list[Case] = []
    for case in wanted:
        for number in range(1 if options.quick else options.runs):
            sys.stderr.write(f"{case.runtime}, {case.nodes} nodes, run {number + 1}\n")
            measure(case)
            report = training_report.write([*done, case])
            if len(wanted) == len(FULL):
                (RESULTS / "training.md").write_text(report, encoding="utf-8")
        done.append(case)
    sys.stdout.write(report)
    return 0


def measure(case: Case) -> None:
    """Both, one after the other, so that what disturbs the machine disturbs both."""
    before = load()
    case.raw.append(run(STOCK[case.runtime], case, case.raw_rounds))
    case.covey.append(run(covey_training, case, case.rounds))
    case.busy.append(Busy.since(before))


def run(contestant: ModuleType, case: Case, rounds: int) -> trainings.Figures:
    folder = Path(tempfile.mkdtemp(prefix="covey-bench-"))  # kept where it fails: the logs are in it
    setting = trainings.setting(folder, case.runtime, nodes=case.nodes, rounds=rounds, evaluating=case.evaluating)
    own = folder / contestant.__name__
    own.mkdir()
    with Sampler() as seen:
        training = contestant.train(setting, own)
    trainings.clean(folder)
    return trainings.Figures.of(training, seen)


if __name__ == "__main__":
    sys.exit(main())

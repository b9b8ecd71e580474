"""Validates 20,000 mixed resources, side by side with kubeconform and the same schemas; writes results/validate.md.

.venv/bin/python tests/bench/validate.py [--count 20000] [--rounds 5]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import breakdown
import conditions
import corpus
import kubeconform_program
import timing
from timing import Contestant

from covey_schemas.catalog import bundled

RESULTS = Path(__file__).parent / "results" / "validate.md"
COVEY = str(Path(sys.executable).with_name("covey"))
GOALS = {"covey, schemas only": 3.0, "covey, everything": 1.0}
_RULES = "CEL rules, names and labels, lists that are maps, objects inside works, limits"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    program = kubeconform_program.find()
    if program is None:
        sys.stderr.write("kubeconform is missing: install Go, or name the program in KUBECONFORM.\n")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        report = compare(Path(folder), program, options.count, options.rounds)
    RESULTS.write_text(report, encoding="utf-8")
    sys.stdout.write(report)
    return 0


def compare(folder: Path, program: str, count: int, rounds: int) -> str:
    packages = ("jsonschema_rs", "yaml-rs", "cel-expr-python")
    machine = f"{conditions.machine(*packages)}; load {conditions.load():.1f} before the runs"
    manifests, schemas = folder / "manifests", folder / "schemas"
    files = corpus.make(manifests, count)
    location = kubeconform_program.export(bundled(), schemas)
    others = [_kubeconform(program, location, manifests, jobs) for jobs in (1, 4)]
    ours = [
        Contestant("covey, schemas only", [*_covey(manifests), "--schemas-only"]),
        Contestant("covey, everything", _covey(manifests)),
    ]
    counts = _same_counts(others[0], ours[0])
    timing.interleaved([*others, *ours], rounds)
    steps = breakdown.of(manifests, allowed=frozenset({corpus.SKIPPED_KIND}))
    table = _report(others, ours, files=files, count=count, counts=counts, rounds=rounds, machine=machine)
    return f"{table}{_breakdown(steps)}"


def _covey(manifests: Path) -> list[str]:
    return [COVEY, "validate", str(manifests), "--allow-missing", corpus.SKIPPED_KIND, "--summary"]


def _kubeconform(program: str, location: str, manifests: Path, jobs: int) -> Contestant:
    options = ["-schema-location", location, "-skip", corpus.SKIPPED_KIND, "-summary", "-n", str(jobs)]
    return Contestant(f"kubeconform -n {jobs}", [program, *options, str(manifests)])


def _same_counts(other: Contestant, ours: Contestant) -> dict[str, int]:
    """Both must find the same resources valid, invalid and skipped, or their times can't be compared."""
    theirs = _summary([*other.command[:-1], "-output", "json", other.command[-1]])
    own = _summary([*ours.command, "--format", "kubeconform"])
    if theirs != own:
        raise RuntimeError(f"The counts differ: kubeconform {theirs}, covey {own}.")
    return own


def _summary(command: list[str]) -> dict[str, int]:
    found: dict[str, int] = json.loads(Contestant("the count", command).run())["summary"]
    return found


def _report(
    others: list[Contestant],
    ours: list[Contestant],
    *,
    files: int,
    count: int,
    counts: dict[str, int],
    rounds: int,
    machine: str,
) -> str:
    best = min(others, key=lambda one: one.seconds)
    rows = [_row(one, best) for one in (*others, *ours)]
    told = ", ".join(f"{number:,} {name}" for name, number in counts.items())
    return "\n".join(
        [
            "# Validation",
            "",
            f"{count:,} resources in {files:,} files, the same schemas and the same counts for both programs: {told}.",
            f"Medians of {rounds} interleaved runs of whole programs; ratios against the faster kubeconform.",
            f'"Everything" adds {_RULES}.',
            "",
            "| program | seconds | of CPU | times as fast | goal |",
            "|---|---|---|---|---|",
            *rows,
            "",
            f"Machine: {machine}; kubeconform {kubeconform_program.version(others[0].command[0])}.",
            "",
            "",
        ],
    )


def _breakdown(steps: dict[str, float]) -> str:
    rows = "".join(f"| {name} | {seconds:.2f} |\n" for name, seconds in steps.items())
    return (
        "## Where the time goes\n\nSeconds of CPU of each step alone, in one process, for the same files:\n\n"
        f"| step | seconds |\n|---|---|\n{rows}\n`make bench` writes this file.\n"
    )


def _row(one: Contestant, best: Contestant) -> str:
    ratio = best.seconds / one.seconds
    goal = GOALS.get(one.name)
    told = "" if goal is None else f"{goal:g}: {'reached' if ratio >= goal else 'missed'}"
    return f"| {one.name} | {one.seconds:.2f} | {one.cpu_seconds:.2f} | {ratio:.2f} | {told} |"


if __name__ == "__main__":
    sys.exit(main())

"""Measures rendering: 1,000 jobs rendered and checked, rendered again with nothing to do, and cold starts.

Run it with `make bench`; it writes results/render.md. Times are medians of several runs, with the machine's load.
"""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
EXAMPLE = HERE.parents[1] / "examples/fleet"
COVEY = str(Path(sys.executable).with_name("covey"))
JOBS = 1000
RUNS = 5
STARTS = 15


def main() -> None:
    # Bytecode is there on a user's machine after the first run; some build machines forbid writing it.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # In memory where that can be had: the time that a disk takes for thousands of files is its own.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - a folder of our own in it
    with tempfile.TemporaryDirectory(dir=memory) as folder, tempfile.TemporaryDirectory() as disk:
        many, one = Path(folder) / "many", Path(folder) / "one"
        make_fleet(many, JOBS)
        make_fleet(one, 1)
        covey("render", "--root", str(one))
        rows = [
            ("render and write 1,000 jobs from nothing", None, times(RUNS, lambda: fresh(many))),
            ("render 1,000 jobs and check each object (schemas and CEL)", 5.0, times(RUNS, lambda: checked(many))),
            ("render 1,000 jobs again, nothing to do", 1.0, times(RUNS, lambda: covey("render", "--root", str(many)))),
            ("cold start: `covey --version`", 0.12, times(STARTS, lambda: covey("--version"))),
            ("cold start: one spec through render", 0.25, times(STARTS, lambda: fresh(one))),
            ("render and write 1,000 jobs on this machine's disk", None, [on_disk(Path(disk), n) for n in range(RUNS)]),
        ]
    table = report(rows)
    (HERE / "results/render.md").write_text(table)
    print(table)  # noqa: T201 - the result, for whoever runs it


def make_fleet(root: Path, jobs: int) -> None:
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns("rendered", ".covey", "digits-*"))
    template = root / "jobs/vision/digits"
    text = (template / "job.yaml").read_text()
    for number in range(1, jobs):
        folder = root / f"jobs/vision/digits-{number}"
        shutil.copytree(template, folder)
        (folder / "job.yaml").write_text(text.replace("name: digits,", f"name: digits-{number},"))


def on_disk(folder: Path, number: int) -> float:
    """As `fresh`, each time in a folder of its own: deleting thousands of files slows the next ones down."""
    root = folder / str(number)
    make_fleet(root, JOBS)
    return fresh(root)


def fresh(root: Path) -> float:
    """Seconds to render a tree of which nothing is there."""
    shutil.rmtree(root / "rendered", ignore_errors=True)
    return covey("render", "--root", str(root))


def checked(root: Path) -> float:
    """Seconds for render and check in one process, as `covey render` and then `covey validate` do in two."""
    shutil.rmtree(root / "rendered", ignore_errors=True)
    return run([sys.executable, str(HERE / "render_and_check.py"), str(root)])


def covey(*arguments: str) -> float:
    return run([COVEY, *arguments])


def run(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def times(runs: int, measure) -> list[float]:
    return [measure() for _ in range(runs)]


def report(rows: list[tuple[str, float | None, list[float]]]) -> str:
    lines = [
        "# Rendering",
        "",
        (
            f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end; "
            "medians, whole processes, files in memory unless said."
        ),
        "",
        "| what | goal | median | fastest to slowest | reached |",
        "|---|---|---|---|---|",
    ]
    for what, goal, seconds in rows:
        median = statistics.median(seconds)
        reached = "" if goal is None else f"{goal / median:.1f} times as fast as the goal"
        spread = f"{min(seconds):.2f} to {max(seconds):.2f} s"
        lines.append(f"| {what} | {f'{goal} s' if goal else ''} | {median:.3f} s | {spread} | {reached} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()

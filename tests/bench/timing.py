"""Runs programs side by side and takes the medians."""

from __future__ import annotations

import os
import platform
import resource
import statistics
import subprocess
import time
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path


@dataclass(slots=True)
class Contestant:
    """A command line and what its runs took, in seconds."""

    name: str
    command: list[str]
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def run(self) -> str:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.perf_counter()
        done = subprocess.run(self.command, capture_output=True, text=True, check=False)
        self.wall.append(time.perf_counter() - start)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.cpu.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        if done.returncode not in {0, 1}:
            raise RuntimeError(f"{self.name} failed: {done.stderr[:1000]}")
        return done.stdout

    @property
    def seconds(self) -> float:
        return statistics.median(self.wall)

    @property
    def cpu_seconds(self) -> float:
        return statistics.median(self.cpu)


def interleaved(contestants: list[Contestant], rounds: int) -> None:
    """Everybody once, then everybody again: what disturbs the machine disturbs all of them."""
    for _ in range(rounds):
        for contestant in contestants:
            contestant.run()


def machine() -> str:
    """What the numbers depend on; no names of hosts."""
    model = next(
        (line.split(":")[1].strip() for line in _cpu_info() if line.startswith("model name")), platform.machine()
    )
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    versions = ", ".join(f"{name} {version(name)}" for name in ("jsonschema_rs", "yaml-rs", "cel-expr-python"))
    return (
        f"{model}, {cores} processors, {memory:.0f} GiB, load {load:.1f} before the runs; "
        f"Linux {platform.release().split('-')[0]}, Python {platform.python_version()}, {versions}"
    )


def _cpu_info() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

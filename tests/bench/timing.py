"""Runs programs side by side and takes the medians."""

from __future__ import annotations

import resource
import statistics
import subprocess
import time
from dataclasses import dataclass, field


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

"""CPU and memory of all that this process has started, and of what that has started, by /proc.

CPU is complete: who dies leaves its time with its parent, and who loses its parent becomes our child.
"""

from __future__ import annotations

import bisect
import ctypes
import os
import statistics
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_CHILD_SUBREAPER = 36  # of prctl
_TICKS = os.sysconf("SC_CLK_TCK")
_PAUSE, _MEMORY_EVERY = 0.2, 5  # seconds, and samples: the sum of a hundred processes' memory takes a while


@dataclass(frozen=True, slots=True)
class Process:
    """`seconds` of CPU, with those of its children that have ended."""

    parent: int
    state: str
    seconds: float


def processes() -> dict[int, Process]:
    """Everything that descends from this process."""
    found = dict(filter(None, map(_read, Path("/proc").iterdir())))
    ours, new = set[int](), {os.getpid()}
    while new:
        new = {pid for pid, one in found.items() if one.parent in new}
        ours |= new
    return {pid: found[pid] for pid in ours}


def _read(folder: Path) -> tuple[int, Process] | None:
    if not folder.name.isdigit():
        return None
    try:
        fields = (folder / "stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return None
    return int(folder.name), Process(int(fields[1]), fields[0], sum(map(int, fields[11:15])) / _TICKS)


def cpu_seconds(pid: int) -> float:
    """Of one process and its children that have ended."""
    found = _read(Path("/proc", str(pid)))
    return found[1].seconds if found else 0.0


def pss(pid: int) -> int:
    """Bytes; what several processes share counts for each in part, so that sums are right."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


class Sampler:
    """Looks at them all, several times a second, from its start to its end."""

    def __init__(self) -> None:
        ctypes.CDLL(None).prctl(_CHILD_SUBREAPER, 1, 0, 0, 0)
        self._times: list[float] = []
        self._cpu: list[float] = []
        self._memory: list[tuple[float, int]] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def cpu(self, begin: float, end: float) -> float:
        """Seconds of CPU between two times."""
        return self._at(end) - self._at(begin)

    def memory(self, begin: float, end: float) -> float:
        """The median of the sum, in bytes."""
        found = [size for when, size in self._memory if begin <= when <= end]
        return statistics.median(found or [size for _, size in self._memory[-1:]])

    def _at(self, when: float) -> float:
        """Between two samples CPU grows evenly."""
        after = min(max(bisect.bisect(self._times, when), 1), len(self._times) - 1)
        (t0, t1), (c0, c1) = self._times[after - 1 : after + 1], self._cpu[after - 1 : after + 1]
        return c0 + (c1 - c0) * min(max((when - t0) / (t1 - t0), 0.0), 1.0)

    def _look(self) -> None:
        while not self._over.wait(_PAUSE) or len(self._times) < 2:
            found = processes()
            self._times.append(time.time())
            self._cpu.append(sum(one.seconds for one in found.values()))
            if len(self._times) % _MEMORY_EVERY == 0:
                self._memory.append((time.time(), sum(map(pss, found))))


def most_memory(pid: int) -> int:
    """The most resident bytes since its start, or since somebody wrote 5 to its `clear_refs`."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0

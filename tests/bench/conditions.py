"""What figures depend on: the machine, versions, and how busy it was before and after; no names of hosts."""

from __future__ import annotations

import os
import platform
import signal
import statistics
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Busy:
    """The machine's load of the last minute, before and after; the measured programs are in the second."""

    before: float
    after: float

    @classmethod
    def since(cls, before: float) -> Busy:
        return cls(before, load())

    def __str__(self) -> str:
        return f"{self.before:.1f} to {self.after:.1f}"


def ending_well() -> None:
    """SIGTERM ends this program as Ctrl-C does, with all that it has started."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def load() -> float:
    return os.getloadavg()[0]


def machine(*packages: str) -> str:
    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text().splitlines() if cpu.exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return ", ".join(
        (
            model or platform.machine(),
            f"{len(os.sched_getaffinity(0))} processors",
            f"{memory:.0f} GiB",
            f"Linux {platform.release().split('-')[0]}",
            f"Python {platform.python_version()}",
            *(f"{name} {version(name)}" for name in packages),
        )
    )


def spread(values: Sequence[float], unit: str = "") -> str:
    """The median, and from where to where: `1.2 (1.1 to 1.4)`."""
    told = f"{statistics.median(values):.2f}{unit}"
    return f"{told} ({min(values):.2f} to {max(values):.2f})" if len(values) > 1 else told


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)

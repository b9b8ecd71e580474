"""Programs of a framework as its documentation starts them, with the time of every line that they print."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_GRACE = 10.0


@dataclass(slots=True)
class Stack:
    """Ends all that it has started, and what that has started, in their process groups."""

    log: Path
    lines: list[tuple[float, str]] = field(default_factory=list)
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.running:
            if process.poll() is None:
                process.terminate()
        end = time.monotonic() + _GRACE
        while any(process.poll() is None for process in self.running) and time.monotonic() < end:
            time.sleep(0.05)
        for process in self.running:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def start(self, *argv: str, cwd: Path, env: Mapping[str, str]) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            argv,
            cwd=cwd,
            env=dict(env),
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=0,
        )
        self.running.append(process)
        threading.Thread(target=self._listen, args=(process,), daemon=True).start()
        return process

    def times(self, pattern: str) -> list[float]:
        """When each line came that has it."""
        return [when for when, line in list(self.lines) if re.search(pattern, line)]

    def found(self, pattern: str) -> re.Match[str]:
        """In the first line that has it."""
        return next(match for _, line in list(self.lines) if (match := re.search(pattern, line)))

    def wait(self, pattern: str, *, count: int = 1, seconds: float = 300.0) -> list[float]:
        """For so many lines that have it; a program that ends badly in between is an error."""
        end = time.monotonic() + seconds
        while len(found := self.times(pattern)) < count:
            bad = [process.args for process in self.running if process.poll()]
            if bad or time.monotonic() > end:
                raise RuntimeError(f"No {count} lines with {pattern!r}; ended badly: {bad}. The log is {self.log}.")
            time.sleep(0.05)
        return found

    def _listen(self, process: subprocess.Popen[str]) -> None:
        with self.log.open("a") as log:
            for line in process.stdout or ():
                self.lines.append((time.time(), _COLOURS.sub("", line)))
                log.write(f"{time.time():.2f} {process.pid} {line}")
                log.flush()

"""Wakes a process that waits for another one of the same parent, so that nobody needs to ask often."""

from __future__ import annotations

import os
import select
import time


class Bell:
    """A pipe that the parent made before it forked; without one (`Bell(made=False)`) a wait is a sleep."""

    def __init__(self, *, made: bool = True) -> None:
        self._ends = os.pipe() if made else None
        for end in self._ends or ():
            os.set_blocking(end, False)

    def ring(self) -> None:
        if self._ends:
            try:
                os.write(self._ends[1], b"!")
            except BlockingIOError:
                return  # full: who is to wake will

    def wait(self, seconds: float) -> None:
        if not self._ends:
            time.sleep(seconds)
        elif select.select([self._ends[0]], [], [], seconds)[0]:
            os.read(self._ends[0], 4096)

"""Wakes a process that waits for another one of the same parent, so that nobody needs to ask often."""

from __future__ import annotations

import os
import select


class Bell:
    """A pipe that the parent made before it forked."""

    def __init__(self) -> None:
        self._heard, self._rung = os.pipe()
        for end in (self._heard, self._rung):
            os.set_blocking(end, False)

    def ring(self) -> None:
        try:
            os.write(self._rung, b"!")
        except BlockingIOError:
            return  # full: who is to wake will

    def wait(self, seconds: float) -> None:
        if select.select([self._heard], [], [], seconds)[0]:
            os.read(self._heard, 4096)

"""SIGTERM and SIGCHLD as something to wait for."""

from __future__ import annotations

import os
import select
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

_STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Signals:
    """From its making on, the stopping signals only set `stopped`, and end a `wait`; `number` is the first one."""

    def __init__(self) -> None:
        self.stopped = False
        self.number = 0
        self._read, write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # the handler's being there is what wakes
        for one in _STOPPING:
            signal.signal(one, self._stop)

    def wait(self, seconds: float) -> None:
        """Until a child ends or a stopping signal comes, at most so long."""
        if select.select([self._read], [], [], seconds)[0]:
            os.read(self._read, 512)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        self.stopped = True
        self.number = self.number or number

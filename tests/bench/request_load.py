"""Many requests at a time through a collaborator's proxy; half of them take a while."""

from __future__ import annotations

import http.client
import threading
from typing import Self

from proxy_clients import through
from waiting import until

_PATHS = ("/fleet/echo", "/fleet/slow/200")


class RequestLoad:
    def __init__(self, port: int, at_once: int) -> None:
        self._port = port
        self._answers: list[int | str] = []
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._send, args=(_PATHS[number % 2],), daemon=True) for number in range(at_once)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        self.more(len(self._threads))
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(20)

    def clear(self) -> None:
        self._answers = []

    def answers(self) -> list[int | str]:
        """Since the last `clear`: the status, or what went wrong."""
        return list(self._answers)

    def more(self, count: int) -> None:
        """Waits for `count` further answers."""
        goal = len(self._answers) + count
        until(lambda: len(self._answers) >= goal, seconds=60)

    def _send(self, path: str) -> None:
        while not self._over.is_set():
            try:
                status: int | str = through(self._port, path)[0]
            except (OSError, http.client.HTTPException) as error:
                status = repr(error)
            self._answers.append(status)
            self._over.wait(0.02)

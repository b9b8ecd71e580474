"""Passes connections on and counts the bytes, both ways."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

_SIZE = 1 << 18


class Relay:
    """Listens on a port of its own; `count` may be set to zero between transfers."""

    def __init__(self, target: int) -> None:
        self.count = 0
        self._target = target
        self._counting = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._listener.accept()
                there = socket.create_connection(("127.0.0.1", self._target))
                for one, other in ((here, there), (there, here)):
                    threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(_SIZE):
                with self._counting:
                    self.count += len(data)
                sink.sendall(data)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

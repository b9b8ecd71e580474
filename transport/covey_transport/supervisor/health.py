"""What Envoy refuses to take, out of its counters: a file that it can't use leaves the old state in force."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from covey_transport.supervisor import admin
from covey_transport.supervisor.telling import tell

if TYPE_CHECKING:
    from pathlib import Path

_PATTERN = r"\.(update_rejected|update_failure|key_rotation_failed)$"
_EVERY = 2.0


class Health:
    """Tells each counter once when it rises."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._known: dict[str, int] = {}
        self._next = 0.0

    def look(self) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _EVERY
        try:
            found = admin.counters(self._socket, _PATTERN)
        except admin.AdminError as error:
            tell("proxy", what="silent", why=str(error))
            return
        for name, value in found.items():
            if value > self._known.get(name, 0):
                tell(
                    "proxy", what="refused", why=f"Envoy did not take a new file: {name} is {value}. The old one stays."
                )
        self._known = found

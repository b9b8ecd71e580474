"""Who is here: collaborators registered in this epoch that were heard of a little while ago."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING

from covey_reports.reporting import report

if TYPE_CHECKING:
    from pathlib import Path

BEAT = 1.5  # seconds between a collaborator's signs of life, also while it trains
SILENCE = 8.0  # seconds after which it counts as lost
_READ = 0.2


class Presence:
    def __init__(self, members: Path) -> None:
        self._members_file = members
        self._heard: dict[str, float] = {}
        self._here: frozenset[str] = frozenset()
        self._registered: frozenset[str] = frozenset()
        self._next_read = 0.0
        self._lock = threading.Lock()

    def hear(self, name: str) -> None:
        self._heard[name] = time.monotonic()

    @property
    def registered(self) -> frozenset[str]:
        """Read again and again: the launcher keeps the file up to date."""
        with self._lock:
            if time.monotonic() >= self._next_read:
                self._next_read = time.monotonic() + _READ
                self._registered = frozenset(json.loads(self._members_file.read_text()))
            return self._registered

    @property
    def here(self) -> frozenset[str]:
        return self._here

    def look(self) -> frozenset[str]:
        """For the main thread alone: it reports who came and who went."""
        now, registered = time.monotonic(), self.registered
        here = frozenset(n for n, when in list(self._heard.items()) if n in registered and now - when < SILENCE)
        for name in sorted(self._here - here):
            report("lost", collaborator=name)
        for name in sorted(here - self._here):
            report("connected", collaborator=name)
        self._here = here
        return here

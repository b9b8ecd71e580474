"""When a work is applied: when it is new or changed, soon again when that failed, and now and then."""

from __future__ import annotations

import json
import logging
import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from controlplane.ocm.api import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from controlplane.ocm.api import Object

_log = logging.getLogger("standin")
_RESYNC = 240.0
_FIRST_RETRY, _LAST_RETRY = 0.005, 1000.0  # doubled every time
_CONFLICT = 409


@dataclass
class _Turn:
    seen: str = ""
    due: float = 0.0
    failures: int = 0


@dataclass
class Turns:
    """By the works' UIDs."""

    known: dict[str, _Turn] = field(default_factory=dict)

    def keep(self, uids: set[str]) -> None:
        for gone in self.known.keys() - uids:
            del self.known[gone]

    def take(self, work: Object, act: Callable[[], float | None]) -> None:
        """Calls `act` if it is time. What has changed starts without a history of failures."""
        turn = self.known.setdefault(work["metadata"]["uid"], _Turn())
        now = time.monotonic()
        if turn.seen != _what(work):
            turn.seen, turn.due, turn.failures = _what(work), now, 0
        if now < turn.due:
            return
        try:
            again = act()
        except Exception as error:  # noqa: BLE001 - whatever it is, the other works go on
            _tell(work, error)
            turn.failures += 1
            again = min(_FIRST_RETRY * 2**turn.failures, _LAST_RETRY)
        else:
            turn.failures = 0
        turn.due = time.monotonic() + (_RESYNC * random.uniform(1, 1.5) if again is None else again)  # noqa: S311

    def seconds(self) -> float:
        """Until the next."""
        return max(0.0, min((turn.due for turn in self.known.values()), default=1e9) - time.monotonic())


def _what(work: Object) -> str:
    metadata: dict[str, Any] = work["metadata"]
    parts = [metadata["generation"], metadata.get("labels"), "deletionTimestamp" in metadata]
    return json.dumps(parts, sort_keys=True)


def _tell(work: Object, error: Exception) -> None:
    if isinstance(error, Refused) and error.code == _CONFLICT:
        return
    inside = error.exceptions if isinstance(error, ExceptionGroup) else (error,)
    _log.info("%s: %s", work["metadata"]["name"], "; ".join(map(str, inside)))

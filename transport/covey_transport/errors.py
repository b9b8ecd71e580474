"""What ends a proxy, as sentences; the exit codes are those of the launcher's contract."""

from __future__ import annotations

from typing import Final

DONE: Final = 0
TRY_AGAIN: Final = 10
BAD_START: Final = 30


class TransportError(Exception):
    """Says in one sentence what is wrong; the program ends with `code`."""

    code = TRY_AGAIN


class BadStartError(TransportError):
    """Start data, network data or certificates that no second try can mend."""

    code = BAD_START

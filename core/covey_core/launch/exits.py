"""The exit codes by which whatever restarts a launcher decides what to do next."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    DONE = 0
    AGAIN = 10  # a start may well succeed where this one did not: a process died, a port was in use
    APP = 20  # the app's own mistake; a restart would only repeat it
    START = 30  # start data or an app that this launcher must not run
    DATA = 40  # the data is not there (any more)
    STOPPED = 143  # SIGTERM, after the last checkpoint


class LaunchError(Exception):
    """Ends a launcher with `code`; the message is one sentence."""

    def __init__(self, message: str, *, code: Exit) -> None:
        super().__init__(message)
        self.code = code

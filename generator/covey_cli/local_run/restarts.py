"""What follows when a program of a run has ended, by its exit code; the same codes as in a cluster."""

from __future__ import annotations

from enum import Enum

from covey_core.launch.exits import Exit

MOST = 5  # failing starts in a row, without a finished round in between
_LONGEST = 15.0
_FIRST = 0.5
_USAGE = 2  # a wrong command line is our own fault, and no second try mends it
_FINAL = frozenset({Exit.APP, Exit.START, Exit.DATA, _USAGE})


class Next(Enum):
    DONE = "done"
    AGAIN = "again"
    OVER = "over"


def follows(code: int, failures: int) -> Next:
    """`code` is negative for a signal; `failures` counts this end and the failing ones just before it."""
    if code == Exit.DONE:
        return Next.DONE
    return Next.OVER if code in _FINAL or failures >= MOST else Next.AGAIN


def pause(failures: int) -> float:
    """Seconds until the next start: 0.5, 1, 2, 4, and so on, 15 at most."""
    return min(_LONGEST, _FIRST * 2.0 ** (failures - 1))


def how(code: int) -> str:
    """An end in words."""
    return f"was killed by signal {-code}" if code < 0 else f"ended with {code}"

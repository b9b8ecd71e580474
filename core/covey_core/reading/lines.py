"""From an offset in a text to the line and column that an editor shows."""

from __future__ import annotations

import re
from bisect import bisect_right

from covey_core.findings import Position

_BREAK = re.compile("\n")


class Lines:
    """The lines of a text whose first line has the number `first`; only line feeds end a line, as for git.

    What is wrong at the very end is shown where the last line ends.
    """

    def __init__(self, text: str, first: int = 1) -> None:
        self._first = first
        self._end = len(text.rstrip("\r\n"))
        self._starts = [0, *(match.end() for match in _BREAK.finditer(text))]

    def at(self, offset: int) -> Position:
        offset = min(offset, self._end)
        row = bisect_right(self._starts, offset) - 1
        return Position(self._first + row, offset - self._starts[row] + 1)

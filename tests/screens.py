"""A terminal that keeps what is on its screen and, like most, wraps its lines anew when it becomes narrower."""

from __future__ import annotations

import io
import re

_TOKENS = re.compile(r"\x1b\[(?P<number>\d*)(?P<command>[A-Za-z])|\r|\n|[^\x1b\r\n]+|\x1b")


class Screen(io.StringIO):
    """Knows only what a live line at the bottom needs; `written` is all that ever came."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width
        self.lines = [""]
        self.written = ""
        self._up = 0

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.written += text
        for token in _TOKENS.finditer(text):
            self._obey(token)
        return len(text)

    def _obey(self, token: re.Match[str]) -> None:
        command = token["command"]
        if command == "A":
            self._up += int(token["number"] or 1)
        elif command == "J":
            self._erase()
        elif token[0] == "\n":
            self.lines.append("")
        elif token[0] != "\r" and command != "m":
            assert not token[0].startswith("\x1b"), f"{token[0]!r} is not known here"
            self.lines[-1] += token[0]

    def _erase(self) -> None:
        """From the beginning of the row that the cursor was moved up to."""
        line = self.lines[-1]
        rows = [line[at : at + self.width] for at in range(0, len(line), self.width)] or [""]
        assert self._up < len(rows), "a finished line would be erased"
        self.lines[-1] = "".join(rows[: len(rows) - self._up - 1])
        self._up = 0

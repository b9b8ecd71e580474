"""Where a display writes: colours if they are wanted, and silence once nobody reads any more."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Final

import click

from covey_cli.console import color_for, is_terminal

if TYPE_CHECKING:
    from typing import TextIO

_COLUMNS: Final = 80


class Stream:
    """A reader that goes away (`covey run … | head`) must not end a training: from then on nothing is written."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stdout if stream is None else stream
        self.live = is_terminal(self._stream) and os.environ.get("TERM") != "dumb"
        self._colored = _colored(self._stream)
        self.gone = False

    def write(self, text: str) -> None:
        if self.gone:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except BrokenPipeError:
            self.gone = True
            _forget(self._stream)
        except (OSError, ValueError):  # the terminal was closed, or the disk behind it is full
            self.gone = True

    def style(self, text: str, *, color: str | None = None, bold: bool = False, dim: bool = False) -> str:
        if not self._colored or not (color or bold or dim):
            return text
        return click.style(text, fg=color, bold=bold or None, dim=dim or None)

    def shown(self, text: str) -> str:
        """What `text` becomes where the encoding can't say all of it."""
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        return text.encode(encoding, "backslashreplace").decode(encoding)

    def columns(self) -> int:
        try:
            return os.get_terminal_size(self._stream.fileno()).columns or _COLUMNS
        except (OSError, ValueError):
            return shutil.get_terminal_size((_COLUMNS, 24)).columns


def _colored(stream: TextIO) -> bool:
    """As `--color` and NO_COLOR say, which the group has put into click's context."""
    context = click.get_current_context(silent=True)
    chosen = context.color if context else color_for("auto")
    return is_terminal(stream) if chosen is None else chosen


def _forget(stream: TextIO) -> None:
    """What is still in the buffer would be tried again, and complained about, when Python ends."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):
        return
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, descriptor)
    os.close(null)

"""The terminal: is there one, what may be written on it, and in which colours."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from typing import Any

LONGEST = 500


def interactive() -> bool:
    """Whether somebody can be asked: both what we ask on and what we read from are terminals."""
    return is_terminal(sys.stdin) and is_terminal(sys.stderr)


def is_terminal(stream: Any) -> bool:
    """False also for a stream that is closed or was never there (`<&-`)."""
    try:
        return bool(stream.isatty())
    except (AttributeError, ValueError):
        return False


def color_for(choice: str) -> bool | None:
    """What `--color` means to click: yes, no, or only on a terminal (None). An explicit choice beats NO_COLOR."""
    if choice == "auto":
        return False if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" else None
    return choice == "always"


def safe(text: str, *, longest: int = LONGEST) -> str:
    """`text` on one line, cut, with everything escaped that a terminal could obey or hide."""
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    return text if text.isprintable() else "".join(map(_inert, text))


def _inert(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape", "surrogatepass").decode()


def prepare_streams() -> None:
    """Makes the standard streams safe to use, whatever the caller did to them.

    A closed one is opened on the null device, or the next file that is opened (by git, for example) would take its
    number; what an encoding can't say is escaped and not an error.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # noqa: FBT003 - its signature
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")

"""Progress on stderr for what takes longer than two seconds, and only where a person watches."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from .console import is_terminal, safe

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 2.0
INTERVAL = 0.2
_CLEAR = "\r\x1b[K"


class Progress:
    """What is being done and how far it is; `step` may be called from the working loop as often as it likes."""

    def __init__(self, label: str, total: int | None) -> None:
        self._label = label
        self._total = total
        self._done = 0

    def step(self, number: int = 1) -> None:
        self._done += number

    def line(self) -> str:
        if self._total is None:
            return f"{self._label} …" if not self._done else f"{self._label}: {self._done:,}"
        return f"{self._label}: {self._done:,} of {self._total:,}"


@contextmanager
def progress(label: str, *, total: int | None = None, patience: float = PATIENCE) -> Iterator[Progress]:
    """Shows `label` and the steps done while the block runs; gone without a trace when it ends."""
    state = Progress(safe(label), total)
    if not is_terminal(sys.stderr) or os.environ.get("TERM") == "dumb":
        yield state
        return
    ended = threading.Event()
    painter = threading.Thread(target=_paint, args=(state, ended, patience), daemon=True)
    painter.start()
    try:
        yield state
    finally:
        ended.set()
        painter.join()


def _paint(state: Progress, ended: threading.Event, patience: float) -> None:
    if ended.wait(patience):
        return
    while not ended.is_set():
        click.echo(_CLEAR + state.line(), nl=False, err=True, color=True)
        ended.wait(INTERVAL)
    click.echo(_CLEAR, nl=False, err=True, color=True)  # color: keep the escape

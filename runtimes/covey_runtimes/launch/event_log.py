"""`events.jsonl` on disk: one writer that only appends, and readers that follow it."""

from __future__ import annotations

import errno
import os
import time
from typing import TYPE_CHECKING, Any, Self

from covey_core.launch.events import MAX_LINE, BadLineError, Event, Type, decode, encode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DURABLE = frozenset({Type.SESSION, Type.ROUND, Type.ERROR, Type.END})  # the others may be lost with the power


class EventLog:
    """Appends events; goes on with the sequence that the file ends with, after cutting off a torn last line."""

    def __init__(self, path: Path) -> None:
        past = list(read(path)) if path.exists() else []
        self._sequence = past[-1].sequence if past else 0
        self.last_round = max((int(e.fields.get("round", 0)) for e in past if e.type == Type.ROUND), default=0)
        self._file = path.open("ab", buffering=0)
        _cut_torn_line(self._file.fileno(), path)

    def write(self, type_: Type, **fields: Any) -> Event:
        event = Event(self._sequence + 1, time.time(), type_, fields)
        _append(self._file.fileno(), encode(event))
        if type_ in _DURABLE:
            os.fsync(self._file.fileno())
        self._sequence = event.sequence
        return event

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Lines:
    """The complete lines that have been appended to a file since the last look; the file may not be there yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def __iter__(self) -> Iterator[bytes]:
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                for line in iter(lambda: file.readline(MAX_LINE), b""):
                    if not line.endswith(b"\n") and len(line) < MAX_LINE:
                        return  # still being written
                    self._offset += len(line)
                    yield line
        except FileNotFoundError:
            return


def read(path: Path) -> Iterator[Event]:
    """All events of the file; a line that is none (torn, or a newer contract's) is skipped."""
    for line in Lines(path):
        try:
            yield decode(line)
        except BadLineError:
            continue


def _append(handle: int, line: bytes) -> None:
    """All of the line or nothing: on a full disk a part of it may fit."""
    start = os.fstat(handle).st_size
    if os.write(handle, line) != len(line):
        os.ftruncate(handle, start)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "events.jsonl")


def _cut_torn_line(handle: int, path: Path) -> None:
    data = path.read_bytes()
    if data and not data.endswith(b"\n"):
        os.ftruncate(handle, data.rfind(b"\n") + 1)

"""Spreads files over processes; the results come in the order of the files, however many processes there are."""

from __future__ import annotations

import gc
import os
import signal
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from .errors import UserError
from .interrupts import held

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import ProcessPoolExecutor

Result = TypeVar("Result")

_MOST_PROCESSES: Final = 8
_WORTH_IT: Final = 512 * 1024  # bytes; below that another process costs more than it saves
_CHUNKS_EACH: Final = 16
_MOST_FILES: Final = 500  # of a chunk: its results are kept until all are there


def processes() -> int:
    """How many processors this process may use."""
    return min(len(os.sched_getaffinity(0)), _MOST_PROCESSES)


@contextmanager
def each(
    function: Callable[[str], Result], files: list[str], *, jobs: int, ready: Callable[[], object], base: str = ""
) -> Iterator[Iterator[Result]]:
    """`function` of every file, in order; `ready` warms up what all processes then share.

    The processes are started before the block is entered, so that it may start threads.
    """
    with _no_collection():
        sizes = [_size(file, base) for file in files] if jobs > 1 and len(files) > 1 else []
        if sum(sizes) < _WORTH_IT:
            yield map(function, files)
            return
        ready()
        with _pool(jobs) as pool:
            chunks = list(_chunks(files, sizes, sum(sizes) // (jobs * _CHUNKS_EACH)))
            with held():  # Python loses an interrupt that comes in the middle of a fork
                results = pool.map(partial(_chunk, function), chunks)
            yield _flattened(results)


def _chunks(files: list[str], sizes: list[int], enough: int) -> Iterator[list[str]]:
    """Neighbours of `enough` bytes together: with as many files each, one process would work while others wait."""
    chunk: list[str] = []
    total = 0
    for file, size in zip(files, sizes, strict=True):
        chunk.append(file)
        total += size
        if total >= enough or len(chunk) == _MOST_FILES:
            yield chunk
            chunk, total = [], 0
    if chunk:
        yield chunk


@contextmanager
def _pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - start-up must not pay for it
    from multiprocessing import active_children, get_context  # noqa: PLC0415 - the same

    gc.freeze()  # what is there by now is shared, and never looked at again
    pool = ProcessPoolExecutor(jobs, mp_context=get_context("fork"), initializer=_start)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
        for child in active_children():  # an interrupt while the pool starts leaves processes that nobody would join
            child.terminate()
        gc.unfreeze()


def _flattened(chunks: Iterator[list[Result]]) -> Iterator[Result]:
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415 - loaded by now

    try:
        for chunk in chunks:
            yield from chunk
    except BrokenProcessPool:
        raise UserError(
            "A process that checks files was killed.", hint="Memory may be short: try `--jobs 1`."
        ) from None


def _start() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it, and ends us
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})  # with this
    gc.disable()


def _chunk(function: Callable[[str], Result], files: list[str]) -> list[Result]:
    return [function(file) for file in files]


@contextmanager
def _no_collection() -> Iterator[None]:
    """Decoded YAML has no cycles: looking for them would take a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _size(file: str, base: str) -> int:
    try:
        return os.stat(os.path.join(base, file)).st_size  # noqa: PTH116, PTH118 - thousands of files: a Path each would be felt
    except OSError:
        return 0

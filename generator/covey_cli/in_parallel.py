"""Spreads files over processes; the results come in the order of the files, however many processes there are."""

from __future__ import annotations

import gc
import os
import signal
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from .errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import ProcessPoolExecutor

Result = TypeVar("Result")

_MOST_PROCESSES: Final = 8
_WORTH_IT: Final = 512 * 1024  # bytes; below that another process costs more than it saves
_CHUNKS_EACH: Final = 8
_LARGEST_CHUNK: Final = 500


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
        if jobs < 2 or len(files) < 2 or not _is_worth_it(files, base):  # noqa: PLR2004 - two are needed to share work
            yield map(function, files)
            return
        ready()
        with _pool(jobs) as pool:
            size = max(1, min(_LARGEST_CHUNK, len(files) // (jobs * _CHUNKS_EACH)))
            chunks = [files[start : start + size] for start in range(0, len(files), size)]
            yield _flattened(pool.map(partial(_chunk, function), chunks))


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


def _is_worth_it(files: list[str], base: str) -> bool:
    total = 0
    for file in files:
        try:
            total += os.stat(os.path.join(base, file)).st_size  # noqa: PTH116, PTH118 - thousands of files: a Path each would be felt
        except OSError:
            continue
        if total >= _WORTH_IT:
            return True
    return False

"""How a forked child ends: like any program, but for the taking apart of all that its parent had imported."""

from __future__ import annotations

import atexit
import os
import sys
import threading
import traceback
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable


def leave_after(work: Callable[[], int]) -> NoReturn:
    """Threads are awaited and an app's farewells are run, as Python does it; the parent's modules just go."""
    code = _code(work)
    threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001 - multiprocessing ends its children so
    atexit._run_exitfuncs()  # noqa: SLF001 - as above
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


def _code(work: Callable[[], int]) -> int:
    try:
        return work()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        sys.stderr.write(f"{end.code}\n")
    except BaseException:  # noqa: BLE001 - as Python's own last resort
        traceback.print_exc()
    return 1

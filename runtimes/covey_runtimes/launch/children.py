"""The runtime's processes: started one after the other, followed, and ended to the last grandchild."""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from covey_core.launch.exits import Exit, LaunchError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from covey_runtimes.adapter import Process

_LINUX = sys.platform == "linux"
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
# No second start finds the program; what is short of memory or processes may.
_NEVER = frozenset({errno.ENOENT, errno.EACCES, errno.ENOEXEC, errno.ENOTDIR})
_libc = ctypes.CDLL(None, use_errno=True) if _LINUX else None


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended: `code` is negative for a signal."""

    process: Process
    code: int
    log: Path


def lead_group() -> None:
    """Makes this the first process of its own group, which inherits the children of children that die."""
    if os.getpgrp() != os.getpid():
        os.setpgid(0, 0)
    if _libc:
        _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


class Children:
    def __init__(self, logs: Path, *, environment: Mapping[str, str], folder: Path) -> None:
        self._logs = logs
        self._environment = environment
        self._folder = folder
        self._running: dict[int, tuple[Process, subprocess.Popen[bytes]]] = {}

    def start(self, process: Process) -> None:
        with self.log(process).open("ab") as out:
            try:
                started = self._popen(process, out)
            except OSError as error:
                said = f"{process.argv[0]}: {error.strerror}"
                code = Exit.START if error.errno in _NEVER else Exit.AGAIN
                raise LaunchError(f"The process {process.name!r} does not start: {said}.", code=code) from error
        self._running[started.pid] = (process, started)

    def _popen(self, process: Process, out: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - the adapter's own words, no shell
            process.argv,
            cwd=self._folder,
            env={**self._environment, **process.env},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent if _libc else None,  # noqa: PLW1509 - this program has one thread
        )

    def log(self, process: Process) -> Path:
        return self._logs / f"{process.name}.log"

    def ended(self) -> list[Ended]:
        """Processes that have ended since the last look, in the order in which they were started."""
        gone = [(pid, *one) for pid, one in self._running.items() if one[1].poll() is not None]
        for pid, _, _ in gone:
            del self._running[pid]
        return [Ended(process, popen.returncode, self.log(process)) for _, process, popen in gone]

    def stop(self, *, grace: float) -> None:
        """SIGTERM to all, children of children too; SIGKILL to those that are still there after `grace` seconds."""
        for sign, seconds in ((signal.SIGTERM, grace), (signal.SIGKILL, 5.0)):
            members = self._members()
            for pid in members:
                _kill(pid, sign)
            if not members or _until(lambda: not self._members(), seconds):
                break
        self._running.clear()

    def _members(self) -> list[int]:
        for _, popen in self._running.values():
            popen.poll()
        own = [pid for pid, (_, popen) in self._running.items() if popen.returncode is None]
        return sorted({*own, *_reaped_descendants()}) if _LINUX else own


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.5):
            return True
    except OSError:
        return False


def _reaped_descendants() -> list[int]:
    """All living processes below this one, whichever group they made for themselves; its dead orphans are reaped."""
    names = os.listdir("/proc")  # noqa: PTH208 - many names, of which few are needed
    stats = {int(name): stat for name in names if name.isdigit() and (stat := _stat(int(name)))}
    below: set[int] = set()
    newer = {os.getpid()}
    while newer:
        newer = {pid for pid, (_, parent) in stats.items() if parent in newer} - below
        below |= newer
    for pid in below:
        if stats[pid] == ("Z", os.getpid()):
            _reap(pid)
    return [pid for pid in below if stats[pid][0] != "Z"]


def _stat(pid: int) -> tuple[str, int] | None:
    """State and parent; the name before them, which may hold anything, ends with the last parenthesis."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123 - called for each process of the machine
            state, parent = file.read().rpartition(b") ")[2].split()[:2]
    except (OSError, ValueError):
        return None
    return state.decode(), int(parent)


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def _kill(pid: int, sign: int) -> None:
    try:
        os.kill(pid, sign)
    except ProcessLookupError:
        return


def _until(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def die_with_parent(sign: int = signal.SIGKILL) -> None:
    """In a child just forked (Linux): the parent that is killed takes it along."""
    if _libc:
        _libc.prctl(_PR_SET_PDEATHSIG, sign, 0, 0, 0)

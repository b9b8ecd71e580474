"""The parent of a side's processes: it has imported everything, forks who is asked for, and ends with who matters."""

from __future__ import annotations

import ctypes
import gc
import json
import os
import random
import select
import signal
import socket
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from covey_flower import internals
from covey_flower.bells import Bell
from covey_flower.ends import End, after
from covey_flower.leaving import leave_after
from covey_flower.roles import APPS, call

if TYPE_CHECKING:
    from collections.abc import Callable

_PDEATHSIG, _NAME = 1, 15  # of prctl
_LARGEST = 1 << 16
EXECUTOR = "flower-superexec"
_GRACE = 1.0  # seconds for an app; nobody else has anything to save
_libc = ctypes.CDLL(None)


class Nursery:
    """Has one thread, always: what is forked from it is whole."""

    def __init__(self) -> None:
        self._asked, self._ask = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._children: dict[int, str] = {}
        self._stopped = False
        self._bells = {"task": Bell(), "reply": Bell()}
        internals.launch_by(lambda argv: self._ask.send(json.dumps(argv).encode()))
        self._woken, waking = os.pipe()
        for end in (self._woken, waking):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(waking, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self._stop)

    def fork(self, *argv: str) -> Callable[[], int] | None:
        """In the parent None; in the child what it is to do."""
        sys.stdout.flush()
        sys.stderr.flush()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        gc.freeze()  # or each child's first look for garbage would copy all that the parent has imported
        parent, pid = os.getpid(), os.fork()
        if pid:
            self._children[pid] = argv[0]
        else:
            self._become(argv[0], parent)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        return None if pid else partial(leave_after, partial(call, list(argv)))

    def fork_executor(self) -> Callable[[], int] | None:
        """A SuperExec that waits for its command line; it is whole, also where the app's imports start threads."""
        words, self._executor = os.pipe()
        child = self.fork(EXECUTOR)
        return partial(leave_after, lambda: call(json.loads(os.read(words, _LARGEST)))) if child else None

    def serve(self) -> Callable[[], int]:
        """Until the side is over: in the parent how it ends, in a child what it is to do."""
        end, start = None, self.fork if threads() == 1 else self._spawn
        while end is None and not self._stopped:
            ready = select.select([self._asked.fileno(), self._woken], [], [])[0]
            if self._woken in ready:
                os.read(self._woken, 4096)
            if self._asked.fileno() in ready:
                words = self._asked.recv(_LARGEST)
                argv = json.loads(words)
                if argv[0] == EXECUTOR:
                    os.write(self._executor, words)
                elif child := start(*argv):
                    return child
            end = self._reap()
        self._end_all()
        return (end or End(143, "")).tell

    def _spawn(self, *argv: str) -> None:
        """A process that imports everything itself: what the app imports has started threads, which no fork copies."""
        words = (sys.executable, "-P", "-m", "covey_flower.roles", *argv)
        defaults = (signal.SIGCHLD, signal.SIGTERM)
        self._children[os.posix_spawn(words[0], words, os.environ, setsigdef=defaults)] = argv[0]

    def _become(self, name: str, parent: int) -> None:
        gc.enable()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        _libc.prctl(_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)  # it died before we asked to die with it
        _libc.prctl(_NAME, name.encode(), 0, 0, 0)
        self._asked.close()
        _fresh_randomness()
        internals.hurry(name, **self._bells)

    def _reap(self) -> End | None:
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            if end := after(self._children.pop(pid, ""), os.waitstatus_to_exitcode(status)):
                return end
        return None

    def _end_all(self) -> None:
        """What keeps its state in memory alone is killed; an app may say goodbye."""
        for pid, name in self._children.items():
            _kill(pid, signal.SIGTERM if name in APPS else signal.SIGKILL)
        until = time.monotonic() + _GRACE
        while self._children and time.monotonic() < until:
            self._reap()
            time.sleep(0.01)
        for pid in self._children:
            _kill(pid, signal.SIGKILL)

    def _stop(self, *_: object) -> None:
        self._stopped = True


def threads() -> int:
    return sum(1 for _ in Path("/proc/self/task").iterdir())


def _fresh_randomness() -> None:
    """Python's own generator is seeded anew by Python; NumPy's and PyTorch's would be the same in each child."""
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed([random.SystemRandom().getrandbits(32) for _ in range(16)])
    if torch := sys.modules.get("torch"):
        torch.seed()


def _kill(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return

"""Hides folders with keys from a program: `python -m covey_cli.local_run.sandbox FOLDER … -- PROGRAM …`.

Linux namespaces, without privileges: an empty folder is mounted over each, and a second user namespace inside locks the
mounts (mount_namespaces(7)), so that not even root in there can take them away, or look into processes outside.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from covey_runtimes.launch.children import die_with_parent

if TYPE_CHECKING:
    from collections.abc import Sequence

_NEW_MOUNTS, _NEW_USERS = 0x00020000, 0x10000000  # CLONE_NEWNS, CLONE_NEWUSER
_RECURSIVE, _SLAVE = 16384, 1 << 19  # MS_REC, MS_SLAVE
_READ_ONLY, _NO_SUID, _NO_DEVICES = 1, 2, 4


def wrapped(argv: Sequence[str], hidden: Sequence[Path]) -> tuple[str, ...]:
    """The command line that runs `argv` with these folders hidden."""
    return (sys.executable, "-m", __name__, *map(str, hidden), "--", *argv)


def works() -> bool:
    """Whether this machine lets us: tried in a child, which may not be undone."""
    if sys.platform != "linux":
        return False
    child = os.fork()
    if not child:
        try:
            hide([])
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def hide(folders: Sequence[str]) -> None:
    """For this process and all that it starts; raises OSError where the machine won't."""
    libc = ctypes.CDLL(None, use_errno=True)
    _enter(libc, users=os.geteuid() != 0)
    _checked(libc.mount(b"none", b"/", None, _RECURSIVE | _SLAVE, None))
    flags = _READ_ONLY | _NO_SUID | _NO_DEVICES
    for folder in folders:
        _checked(libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", flags, b"size=4k,mode=0500"))
    _enter(libc, users=True)


def _enter(libc: ctypes.CDLL, *, users: bool) -> None:
    user, group = os.geteuid(), os.getegid()
    _checked(libc.unshare(_NEW_MOUNTS | (_NEW_USERS if users else 0)))
    if users:
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            Path("/proc/self", name).write_text(text, "ascii")


def _checked(result: int) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def main(words: Sequence[str]) -> None:
    end = words.index("--")
    hide(words[:end])
    die_with_parent(signal.SIGTERM)  # again: the kernel forgets it when credentials change
    os.execv(words[end + 1], list(words[end + 1 :]))  # noqa: S606 - the launcher's own command line, no shell


if __name__ == "__main__":
    main(sys.argv[1:])

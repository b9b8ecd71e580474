"""The kernel's calls for namespaces, mounts and capabilities that Python 3.11 does not have."""

from __future__ import annotations

import ctypes
import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

NEW_MOUNTS, NEW_UTS, NEW_IPC = 0x00020000, 0x04000000, 0x08000000
NEW_USERS, NEW_PIDS, NEW_NET = 0x10000000, 0x20000000, 0x40000000
READ_ONLY, NO_SUID, NO_DEVICES, NO_EXEC = 1, 2, 4, 8
_REMOUNT, _BIND, _RECURSIVE, _PRIVATE = 32, 4096, 16384, 1 << 18
_DETACH = 2
_PDEATHSIG, _CAPBSET_DROP, _NO_NEW_PRIVS = 1, 24, 38
# statvfs's flags of a mount, and mount's: a remount in a user namespace must name those that are locked.
_KEPT = {2: 2, 4: 4, 8: 8, 1024: 1024, 2048: 2048, 4096: 1 << 21}
_CAPABILITIES = """
CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE
NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT
SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE
AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ
PERFMON BPF CHECKPOINT_RESTORE
"""  # in the order of their numbers

_libc = ctypes.CDLL(None, use_errno=True)


def unshare(flags: int) -> None:
    _checked(_libc.unshare(flags), "unshare")


def setns(fd: int, flags: int) -> None:
    _checked(_libc.setns(fd, flags), "setns")


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    words = (os.fsencode(one) if one else None for one in (source, target, kind))
    _checked(_libc.mount(*words, ctypes.c_ulong(flags), os.fsencode(data) if data else None), target)


def own_mounts() -> None:
    """What is mounted from here on is not seen outside."""
    mount("none", "/", flags=_RECURSIVE | _PRIVATE)


def bind(source: str, target: str, *, read_only: bool) -> None:
    mount(source, target, flags=_BIND | _RECURSIVE)
    if read_only:
        locked = os.statvfs(target).f_flag
        kept = sum(flag for said, flag in _KEPT.items() if locked & said)
        mount("none", target, flags=_BIND | _REMOUNT | READ_ONLY | kept)


def freeze_root() -> None:
    mount("none", "/", flags=_REMOUNT | READ_ONLY | _BIND | NO_SUID | NO_DEVICES)


def enter_root(root: str) -> None:
    """Makes `root`, which is a mount, the root of this mount namespace; the old one is gone."""
    os.chdir(root)
    _checked(_libc.pivot_root(b".", b"."), "pivot_root")
    _checked(_libc.umount2(b".", _DETACH), "umount2")
    os.chdir("/")


def keep_capabilities(kept: Iterable[str]) -> None:
    """After the next exec no others are left, nor can they be won."""
    names = set(kept)
    for number, name in enumerate(_CAPABILITIES.split()):
        if name not in names:
            _libc.prctl(_CAPBSET_DROP, number, 0, 0, 0)  # a number that this kernel does not know is no capability


def no_new_privileges() -> None:
    _checked(_libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl")


def die_with_parent(sign: int = signal.SIGKILL) -> None:
    _checked(_libc.prctl(_PDEATHSIG, sign, 0, 0, 0), "prctl")


def _checked(result: int, what: str) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)

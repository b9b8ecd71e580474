"""What a container's first process does before it becomes the container: its own root, its user, then exec.

Runs in a child just forked from the Pod's holder. The specification is plain JSON, see `specs.py`.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

from controlplane.node import linux

_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_TOP = ("dev", "proc", "sys", "tmp", "run", "var", "etc", "root", "home", "mnt")
_OPEN_FOR_ALL = 0o1777


def become(spec: dict[str, Any]) -> None:
    """In new mount and process namespaces; does not return."""
    linux.unshare(linux.NEW_MOUNTS)
    linux.own_mounts()
    _redirect(spec["log"])
    _build_root(spec)
    linux.enter_root(spec["root"])
    if spec["readOnlyRoot"]:
        linux.freeze_root()
    _start(spec)


def join(spec: dict[str, Any], fd: int) -> None:
    """As `exec` in a running container, whose process `fd` is; the caller has set the process namespace already."""
    _redirect(spec["log"])
    linux.setns(fd, linux.NEW_MOUNTS)
    if not spec["allUsers"]:
        linux.setns(fd, linux.NEW_USERS)
    _start(spec, joined=True)


def _start(spec: dict[str, Any], *, joined: bool = False) -> None:
    os.umask(0o022)
    _take_user(spec, joined=joined)
    if spec["noNewPrivileges"]:
        linux.no_new_privileges()
    try:
        os.chdir(spec["folder"])
    except FileNotFoundError:
        os.chdir("/")
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for sign in (signal.SIGPIPE, signal.SIGCHLD):
        signal.signal(sign, signal.SIG_DFL)
    program = spec["argv"][0]
    try:
        os.execvpe(program, spec["argv"], spec["env"])  # noqa: S606 - the container's own words, no shell
    except FileNotFoundError:
        raise ValueError(f'exec: "{program}": executable file not found in $PATH') from None


def _take_user(spec: dict[str, Any], *, joined: bool) -> None:
    user, group = spec["user"], spec["group"]
    if spec["allUsers"]:
        linux.keep_capabilities(spec["capabilities"])
        os.setgroups(spec["groups"])
        os.setresgid(group, group, group)
        os.setresuid(user, user, user)
        return
    if not joined:  # one user is all that this machine gives us, so it gets the container's number
        linux.unshare(linux.NEW_USERS)
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} 0 1"), ("gid_map", f"{group} 0 1")):
            Path("/proc/self", name).write_text(text, "ascii")
    linux.keep_capabilities(spec["capabilities"])


def _build_root(spec: dict[str, Any]) -> None:
    root = spec["root"]
    linux.mount("tmpfs", root, "tmpfs", linux.NO_SUID | linux.NO_DEVICES, "mode=0755")
    for name in _TOP:
        Path(root, name).mkdir()
    Path(root, "tmp").chmod(_OPEN_FOR_ALL)
    for name, target in spec["links"].items():
        Path(root + name).symlink_to(target)
    _devices(root)
    linux.mount("proc", f"{root}/proc", "proc", linux.NO_SUID | linux.NO_DEVICES | linux.NO_EXEC)
    for one in spec["mounts"]:
        _mount(root, one)


def _mount(root: str, one: dict[str, Any]) -> None:
    target = Path(root + one["target"])
    if Path(one["source"]).is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    linux.bind(one["source"], str(target), read_only=one["readOnly"])


def _devices(root: str) -> None:
    for name in _DEVICES:
        target = Path(root, "dev", name)
        target.touch()
        with suppress(FileNotFoundError):
            linux.bind(f"/dev/{name}", str(target), read_only=False)
    for name, number in (("stdin", 0), ("stdout", 1), ("stderr", 2)):
        Path(root, "dev", name).symlink_to(f"/proc/self/fd/{number}")
    Path(root, "dev/fd").symlink_to("/proc/self/fd")
    shared = Path(root, "dev/shm")
    shared.mkdir()
    linux.mount("shm", str(shared), "tmpfs", linux.NO_SUID | linux.NO_DEVICES, "mode=1777,size=64m")


def _redirect(log: str) -> None:
    nothing = os.open("/dev/null", os.O_RDONLY)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for old, new in ((nothing, 0), (out, 1), (out, 2)):
        os.dup2(old, new)

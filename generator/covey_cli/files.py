"""Files on disk: safe paths, bounded reading, and trees written whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from .errors import UserError
from .locking import lock
from .staging import Change, Staging, reason

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Change", "lock", "read_bytes", "safe_path", "write_files", "write_tree"]

_KINDS = {
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


class TextFile(Protocol):
    """What the renderer makes: a path relative to the root, and its text."""

    @property
    def path(self) -> str: ...
    @property
    def text(self) -> str: ...


def write_tree(root: Path, writes: Sequence[TextFile], removals: Sequence[str] = ()) -> None:
    """Writes text files below `root`: all of them, or, where one of them can't be written, none."""
    write_files(root, [Change(file.path, file.text.encode()) for file in writes], removals)


def write_files(root: Path, writes: Sequence[Change], removals: Sequence[str] = ()) -> None:
    """The same for bytes. What has the same content already is not touched; removals come last."""
    with lock(root), Staging(root) as staging:
        staging.sweep([*(write.path for write in writes), *removals])
        staging.stage(writes, removals)
        staging.apply()


def safe_path(root: Path, relative: str) -> Path:
    """The file that `relative` names below `root`; refuses whatever leads outside, also by a symbolic link."""
    normal = os.path.normpath(relative)
    if not relative or "\0" in relative or relative.startswith("/") or normal.split("/")[0] == "..":
        raise UserError(f"The path {relative!r} leads outside of {root}.", hint="Name a file inside the repository.")
    base = Path(os.path.realpath(root))
    real = Path(os.path.realpath(base / normal))  # unlike Path.resolve it takes links in a circle as they are
    if not real.is_relative_to(base):
        raise UserError(f"The path {relative!r} leads outside of {root} by a symbolic link.")
    if ".git" in real.relative_to(base).parts:
        raise UserError(f"The path {relative!r} leads into git's own files.")
    return base / normal


def read_bytes(path: Path, limit: int) -> bytes:
    """The content of a regular file of at most `limit` bytes."""
    if str(path).startswith(("/dev/", "/proc/")) and not str(path).startswith("/dev/shm/"):  # noqa: S108 - memory holds files, too
        raise UserError(f"{path} is no regular file.", hint="Give a file that stays on disk.")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # non-blocking: a pipe must not hang us
    except OSError as error:
        raise UserError(f"Can't read {path}: {reason(error)}.") from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise UserError(f"{path} is {_KINDS.get(stat.S_IFMT(status.st_mode), 'special')}, not a file.")
        if status.st_size > limit:
            raise UserError(f"{path} has {status.st_size:,} bytes; the limit is {limit:,}.")
        with os.fdopen(os.dup(descriptor), "rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        raise UserError(f"Can't read {path}: {reason(error)}.") from None
    finally:
        os.close(descriptor)
    if len(data) > limit:  # it grew while we read
        raise UserError(f"{path} has more than {limit:,} bytes.")
    return data

"""Two-phase writing: every new content lies complete beside its target before the first target changes."""

from __future__ import annotations

import errno
import os
import re
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Self

from .errors import UserError
from .interrupts import held

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PREFIX = ".covey-tmp-"
_OURS = re.compile(re.escape(PREFIX) + r"([0-9]{1,9})-[0-9]+\Z")
_MANY = 64  # from here on one sync of everything is faster than one per file
_NOT_OURS = frozenset({"", ".", "..", ".git"})
_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.EROFS: "the file system is read-only",
    errno.ENAMETOOLONG: "its name is too long",
    errno.ENOENT: "it does not exist",
    errno.ELOOP: "its symbolic links lead in a circle",
}


@dataclass(frozen=True, slots=True)
class Change:
    """The content that a file shall have; `path` is posix and relative to the root."""

    path: str
    data: bytes = field(repr=False)
    executable: bool = False

    @property
    def mode(self) -> int:
        return 0o755 if self.executable else 0o644


def reason(error: OSError) -> str:
    """Why the system refused, to stand behind a colon."""
    text = _REASONS.get(error.errno or 0) or os.strerror(error.errno or 0)
    return text[:1].lower() + text[1:]


class Staging:
    """The temporary files of one write; leaving it removes those that did not get into place."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._staged: dict[Path, Path] = {}  # temporary file -> target
        self._removals: list[Path] = []
        self._made: list[Path] = []
        self._folders: dict[str, Path] = {"": self._root}
        self._names = count()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._staged:
            return
        for temporary in self._staged:
            with suppress(OSError):
                temporary.unlink()
        for folder in reversed(self._made):  # those that got no file are empty
            with suppress(OSError):
                folder.rmdir()

    def sweep(self, paths: Iterable[str]) -> None:
        """Removes what a killed run left near `paths`: our temporary files whose process is gone."""
        _sweep(self._root, deep=False)
        tops = {"rendered", *(path.partition("/")[0] for path in paths)}
        for top in tops - _NOT_OURS:
            if "\0" not in top and not (self._root / top).is_symlink():
                _sweep(self._root / top, deep=True)

    def stage(self, writes: Sequence[Change], removals: Sequence[str]) -> None:
        """Phase one: everything that can fail, without touching a target."""
        for path in removals:
            self._plan_removal(path)
        for change in writes:
            target = self._target(change.path)
            if not _same(target, change):
                self._write(change, target, sync=len(writes) <= _MANY)
        if self._staged and len(writes) > _MANY:
            os.sync()

    def apply(self) -> None:
        """Phase two: names only; an interrupt waits until it is done."""
        with held():
            for temporary, target in list(self._staged.items()):
                try:
                    temporary.replace(target)
                except OSError as error:
                    _fail_midway("write", target, error)
                del self._staged[temporary]
            for target in self._removals:
                self._remove(target)

    def _target(self, path: str) -> Path:
        """The absolute path; no part of it is a symbolic link, and what leads to it are real folders."""
        folder, _, name = path.rpartition("/")
        if "\0" in path or not _NOT_OURS.isdisjoint(path.split("/")):
            raise UserError(f"Covey does not write to {path!r}: it is not a path inside the repository.")
        target = self._folder(folder) / name
        _refuse(target, stat.S_IFREG, "a file")
        return target

    def _folder(self, path: str) -> Path:
        known = self._folders.get(path)
        if known is None:
            parent, _, name = path.rpartition("/")
            known = self._folder(parent) / name
            _refuse(known, stat.S_IFDIR, "a folder")
            self._folders[path] = known
        return known

    def _plan_removal(self, path: str) -> None:
        target = self._target(path)
        if target.exists():
            if not os.access(target.parent, os.W_OK | os.X_OK):
                raise UserError(f"Can't remove {target}: permission denied.", hint="Nothing was changed.")
            self._removals.append(target)

    def _write(self, change: Change, target: Path, *, sync: bool) -> None:
        temporary = target.parent / f"{PREFIX}{os.getpid()}-{next(self._names)}"
        try:
            self._make(target.parent)
            self._staged[temporary] = target
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(change.data)
                stream.flush()
                os.fchmod(descriptor, change.mode)  # whatever the umask
                if sync:
                    os.fsync(descriptor)
        except OSError as error:
            raise UserError(f"Can't write {target}: {reason(error)}.", hint="Nothing was changed.") from None

    def _make(self, folder: Path) -> None:
        if folder.is_dir():
            return
        self._make(folder.parent)
        folder.mkdir()
        self._made.append(folder)
        folder.chmod(0o755)

    def _remove(self, target: Path) -> None:
        try:
            target.unlink(missing_ok=True)
        except OSError as error:
            _fail_midway("remove", target, error)
        folder = target.parent
        with suppress(OSError):  # it holds something
            while folder != self._root:
                folder.rmdir()
                folder = folder.parent


def _fail_midway(verb: str, target: Path, error: OSError) -> NoReturn:
    raise UserError(
        f"Can't {verb} {target}: {reason(error)}.",
        hint="Some other files were written already; run the command again once this is put right.",
    ) from None


def _same(target: Path, change: Change) -> bool:
    """Whether the file has this content, and is executable or not, already."""
    try:
        status = target.lstat()
        if status.st_size != len(change.data) or bool(status.st_mode & stat.S_IXUSR) != change.executable:
            return False
        return target.read_bytes() == change.data
    except FileNotFoundError:
        return False
    except OSError as error:
        raise UserError(f"Can't read {target}: {reason(error)}.") from None


def _refuse(path: Path, wanted: int, word: str) -> None:
    try:
        found = stat.S_IFMT(path.lstat().st_mode)
    except FileNotFoundError:
        return
    except OSError as error:
        raise UserError(f"Can't write {path}: {reason(error)}.") from None
    if found == stat.S_IFLNK:
        raise UserError(f"{path} is a symbolic link; Covey does not write through links.", hint="Replace the link.")
    if found != wanted:
        raise UserError(f"{path} stands where Covey needs {word}.", hint="Move it out of the way.")


def _sweep(folder: Path, *, deep: bool) -> None:
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if deep:
                    _sweep(Path(entry.path), deep=True)
            elif _abandoned(entry.name):
                Path(entry.path).unlink()


def _abandoned(name: str) -> bool:
    match = _OURS.match(name)
    if not match:
        return False
    pid = int(match.group(1))
    if pid == os.getpid():
        return True  # we hold the lock and have written nothing yet: an older process had our number
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False

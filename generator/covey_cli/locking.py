"""One writer at a time: an advisory lock in the repository's private area, freed by the kernel when its holder dies."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import click

from .errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE = 120.0
QUIET = 2.0
_POLL = 0.05
_held: dict[Path, int] = {}


@contextmanager
def lock(root: Path, *, patience: float = PATIENCE) -> Iterator[None]:
    """Holds the lock of the tree at `root`, which its holder may take again; gives up after `patience` seconds."""
    with hold(private_area(root) / "covey.lock", patience=patience):
        yield


@contextmanager
def hold(path: Path, *, patience: float = PATIENCE) -> Iterator[None]:
    """The same for any lock file."""
    if path in _held:
        _held[path] += 1
        try:
            yield
        finally:
            _held[path] -= 1
        return
    descriptor = _open(path)
    try:
        _acquire(descriptor, path, patience)
        _held[path] = 1
        try:
            yield
        finally:
            del _held[path]
    finally:
        os.close(descriptor)


def private_area(root: Path) -> Path:
    """The folder for what is not part of the tree: this work tree's git directory, or `.covey` outside of git."""
    for folder in (root.resolve(), *root.resolve().parents):
        git = folder / ".git"
        if git.is_dir():
            return git
        if git.is_file():
            text = git.read_text("utf-8", errors="replace").strip()
            linked = (folder / text.removeprefix("gitdir:").strip()).resolve()
            if text.startswith("gitdir:") and linked.is_dir():
                return linked
            raise UserError(f"{git} does not name a git directory.", hint="Run `git worktree repair`.")
    return root.resolve() / ".covey"


def make_covey_folder(folder: Path) -> None:
    """`.covey`, of which git takes no notice; safe to call by several at once, and after one that was killed here."""
    folder.mkdir(mode=0o755, exist_ok=True)
    if not (folder / ".gitignore").exists():
        (folder / ".gitignore").write_text("*\n", "utf-8")


def _open(path: Path) -> int:
    try:
        if path.parent.name == ".covey":
            make_covey_folder(path.parent)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise UserError(f"Can't make the lock file {path}: {os.strerror(error.errno or 0)}.") from None


def _acquire(descriptor: int, path: Path, patience: float) -> None:
    start = time.monotonic()
    told = False
    while not _try(descriptor):
        waited = time.monotonic() - start
        if waited >= patience:
            raise UserError(
                f"Another covey ({_holder(descriptor)}) has held {path} for {patience:.0f} seconds.",
                hint="Wait for it to end, or stop that process; the lock goes with it.",
            )
        if waited >= QUIET and not told:
            click.echo(f"Waiting for another covey ({_holder(descriptor)}) to finish ...", err=True)
            told = True
        time.sleep(_POLL)
    with suppress(OSError):  # only others' messages need it, and a full disk must not stop a reader
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise UserError(f"This file system can't lock files: {os.strerror(error.errno or 0)}.") from None
    return True


def _holder(descriptor: int) -> str:
    text = os.pread(descriptor, 20, 0).decode("ascii", errors="replace").strip()
    return f"process {text}" if text.isdigit() else "a process just starting"

"""A work tree of our own, away from the user's, gone when the work is done; what a killed run left goes with the next.

A lock that the kernel frees tells a run that is alive from one that was killed.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from .errors import UserError
from .git import Git
from .locking import hold
from .staging import reason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PATIENCE = 330.0  # seconds: more than a fetch may take
_SETTINGS = (
    "advice.detachedHead=false",
    "core.fsmonitor=false",
    "core.sparseCheckout=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "submodule.recurse=false",
)


@contextmanager
def workbench(git: Git, commit: str) -> Iterator[Git]:
    """The repository as it is at `commit`, to work in; its root is the fleet's."""
    area = git.private("covey")
    name = f"covey-{os.getpid()}-{time.time_ns():x}"
    tree, mark = area / name, area / f"{name}.lock"
    descriptor = _claim(git, area, mark)
    try:
        with alone(git):
            Git(git.root, _SETTINGS).run("worktree", "add", "--quiet", "--detach", "--no-checkout", str(tree), commit)
        Git(tree, _SETTINGS).run("reset", "--quiet", "--hard")
        yield Git(tree / git.prefix(), _SETTINGS)
    finally:
        with suppress(UserError), alone(git):  # a mark that stays has the next run sweep its tree
            _discard(git, tree)
            mark.unlink(missing_ok=True)
        os.close(descriptor)


@contextmanager
def alone(git: Git) -> Iterator[None]:
    """No work tree of ours comes or goes meanwhile: git looks into all of them, and fails at one that is half there."""
    area = git.private("covey")
    try:
        area.mkdir(mode=0o755, exist_ok=True)
    except OSError as error:
        raise UserError(f"Can't work in {area}: {reason(error)}.") from None
    with hold(area / "lock", patience=_PATIENCE):
        yield


def move(bench: Git, commit: str) -> None:
    """Brings the workbench to another commit; nothing that was made in it stays."""
    bench.run("reset", "--quiet", "--hard", commit)
    bench.run("clean", "--quiet", "-d", "--force", "-x", ":/")


def _claim(git: Git, area: Path, mark: Path) -> int:
    try:
        with alone(git):
            _sweep(git, area)
            descriptor = os.open(mark, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise UserError(f"Can't work in {area}: {reason(error)}.") from None
    return descriptor


def _sweep(git: Git, area: Path) -> None:
    for mark in area.glob("covey-*.lock"):
        with suppress(OSError):  # the lock of a run that is alive, or a file just gone
            descriptor = os.open(mark, os.O_RDWR | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _discard(git, mark.with_suffix(""))
                mark.unlink()
            finally:
                os.close(descriptor)


def _discard(git: Git, tree: Path) -> None:
    """Git forgets the work tree, also one that was made by half."""
    git.run("worktree", "remove", "--force", "--force", str(tree), check=False)
    if tree.exists():
        shutil.rmtree(tree, ignore_errors=True)
        git.run("worktree", "remove", "--force", "--force", str(tree), check=False)

"""Writes new files and leaves those that exist, whatever is in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .files import lock, write_files

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from .staging import Change

_MARK = b"# CHANGE:"
_COPIES = "schemas/covey/"


@dataclass(frozen=True, slots=True)
class Written:
    """The paths that were made and left; `marks` are new files with CHANGE in them, `outdated` stale copies of ours."""

    made: tuple[str, ...]
    left: tuple[str, ...]
    marks: tuple[str, ...]
    outdated: tuple[str, ...]


def write_new(root: Path, wanted: Sequence[Change]) -> Written:
    """Writes those of the files that are not there; the lock keeps a second one from doing so at the same time."""
    with lock(root):
        new = [change for change in wanted if not _there(root / change.path)]
        write_files(root, new)
    left = [change for change in wanted if change not in new]
    return Written(
        made=tuple(change.path for change in new),
        left=tuple(change.path for change in left),
        marks=tuple(change.path for change in new if _MARK in change.data),
        outdated=tuple(change.path for change in left if change.path.startswith(_COPIES) and _differs(root, change)),
    )


def _there(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _differs(root: Path, change: Change) -> bool:
    path = root / change.path
    return path.is_file() and path.read_bytes() != change.data

"""Writing that survives a power cut: content first, then the name, then the folder."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from covey_core.launch.exits import Exit, LaunchError

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, data: bytes) -> None:
    """`path` holds either what it held before or all of `data`."""
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def seal(folder: Path) -> dict[str, str]:
    """The digests of all files in `folder` by relative path, after they have reached the disk.

    Raises LaunchError for a link: what it leads to could change under the digest.
    """
    digests = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            said = f"{path.relative_to(folder)} in what the app or its runtime left in {folder.name}/ is no plain file"
            raise LaunchError(f"{said}: links can't be kept.", code=Exit.APP)
        if path.is_file():
            digests[path.relative_to(folder).as_posix()] = file_digest(path, sync=True)
        else:
            sync_folder(path)
    sync_folder(folder)
    return digests


def file_digest(path: Path, *, sync: bool = False) -> str:
    with path.open("rb") as file:
        hashed = hashlib.file_digest(file, "sha256").hexdigest()
        if sync:
            os.fsync(file.fileno())
    return f"sha256:{hashed}"

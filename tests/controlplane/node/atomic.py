"""Writes files so that nobody finds them half done.

Those of a volume as a kubelet does: all at once, by one link that is exchanged.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from controlplane.node.payloads import Files

_DATA, _NEW = "..data", "..data_tmp"


def write(folder: Path, files: Files, *, group: int | None) -> bool:
    """Whether anything had to be changed; `group` is the Pod's fsGroup."""
    old = folder / _DATA
    if old.is_symlink() and _same(old, files):
        return False
    made = Path(tempfile.mkdtemp(prefix="..", dir=folder))
    made.chmod(0o755)
    for name, file in files.items():
        target = made / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.data)
        target.chmod(file.mode if group is None else file.mode | 0o440)
    for one in [made, *made.rglob("*")] if group is not None else []:
        os.chown(one, -1, group or 0)
    before = old.readlink() if old.is_symlink() else None
    new = folder / _NEW
    new.symlink_to(made.name)
    new.rename(old)
    _link(folder, {name.split("/")[0] for name in files})
    if before:
        shutil.rmtree(folder / before, ignore_errors=True)
    return True


def write_over(file: Path, text: str) -> bool:
    """For a file that is mounted somewhere by itself, so that it must stay the same one; whether it has changed."""
    data = text.encode()
    fd = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        size = os.fstat(fd).st_size
        if os.pread(fd, size, 0) == data:
            return False
        os.pwrite(fd, data.ljust(size, b"\n"), 0)  # no rest of the old text behind the new one, at no time
        os.ftruncate(fd, len(data))
    finally:
        os.close(fd)
    return True


def _same(folder: Path, files: Files) -> bool:
    there = {str(one.relative_to(folder)): one for one in folder.rglob("*") if one.is_file()}
    return there.keys() == files.keys() and all(there[name].read_bytes() == file.data for name, file in files.items())


def _link(folder: Path, names: set[str]) -> None:
    for one in folder.iterdir():
        if not one.name.startswith("..") and one.name not in names:
            one.unlink()
    for name in names:
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(f"{_DATA}/{name}")

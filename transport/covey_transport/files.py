"""Small private files, written so that a reader sees the old or the new text and nothing between."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


def make_folder(folder: Path) -> Path:
    """Makes `folder` for its owner alone; one that is there keeps its mode (in a Pod it is a mounted volume)."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        folder.chmod(PRIVATE_FOLDER)  # whatever the umask
    return folder


def write_new(path: Path, data: bytes) -> None:
    """A file that must not be there yet, readable by its owner alone from its first moment."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(handle, PRIVATE_FILE)
        file.write(data)


def replace(path: Path, data: bytes) -> None:
    """Writes beside `path`, then renames: Envoy's watched folders react to the rename."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        write_new(beside, data)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise

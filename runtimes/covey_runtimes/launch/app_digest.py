"""The digest of an app's folder: what its files are called and hold, whatever made or touched them."""

from __future__ import annotations

import os
from pathlib import Path

from covey_core.manifests import digest
from covey_runtimes.launch.disk import file_digest

# What tools and people leave in an app's folder: no part of the app, wherever it is copied, hashed or handed in.
NO_PART = frozenset(
    {
        "__pycache__",
        ".DS_Store",
        ".covey",
        ".env",
        ".git",
        ".ipynb_checkpoints",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        ".venv",
    }
)
BYTECODE = (".pyc", ".pyo")


def is_part(name: str) -> bool:
    """Whether a file or folder of that name belongs to the app."""
    return name not in NO_PART and not name.endswith(BYTECODE)


def app_digest(folder: Path) -> str:
    """`sha256:<hex>` over every file's path, content and executable bit; what is no part of the app doesn't count.

    Raises OSError for an unreadable file, and for a link: what it leads to could change under the digest.
    """
    files = {}
    for root, folders, names in os.walk(folder, onerror=_raise):
        folders[:] = [name for name in folders if is_part(name)]
        for name in (*folders, *filter(is_part, names)):
            path = Path(root, name)
            if path.is_symlink():
                raise OSError(f"{path} is a link; an app's folder holds plain files only")
            if name in names:
                executable = "x" if path.stat().st_mode & 0o100 else "-"
                files[path.relative_to(folder).as_posix()] = f"{executable} {file_digest(path)}"
    return digest(files)


def _raise(error: OSError) -> None:
    raise error

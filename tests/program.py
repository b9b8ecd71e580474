"""Runs the real program `covey` as a user would, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

COVEY = str(Path(sys.executable).with_name("covey"))


def environment(home: Path, **more: str) -> dict[str, str]:
    """A clean environment: nobody's settings, a git identity, no colours asked for or refused."""
    return {
        "PATH": os.pathsep.join((str(Path(COVEY).parent), os.environ["PATH"])),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Ada",
        "GIT_AUTHOR_EMAIL": "ada@acme.example",
        "GIT_COMMITTER_NAME": "Ada",
        "GIT_COMMITTER_EMAIL": "ada@acme.example",
        **more,
    }


def covey(
    *arguments: str, cwd: Path, env: Mapping[str, str] | None = None, **more: Any
) -> subprocess.CompletedProcess[str]:
    """`covey ARGUMENTS` in `cwd`, with nothing to read on stdin."""
    options = {"stdin": subprocess.DEVNULL, "capture_output": True, **more}
    return subprocess.run(
        [COVEY, *arguments], cwd=cwd, env=env or environment(cwd), text=True, check=False, timeout=60, **options
    )

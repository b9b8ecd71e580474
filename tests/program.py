"""Runs the real program `covey` as a user would, in a process of its own."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

COVEY = str(Path(sys.executable).with_name("covey"))


def unmeasured(environment: Mapping[str, str]) -> dict[str, str]:
    """For programs that get signals: one that comes inside coverage's own lock would hang them."""
    return {name: value for name, value in environment.items() if not name.startswith("COVERAGE_")}


def environment(home: Path, **more: str) -> dict[str, str]:
    """A clean environment: nobody's settings, a git identity, no colours asked for or refused."""
    return {
        "PATH": os.pathsep.join((str(Path(COVEY).parent), os.environ["PATH"])),
        **{name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")},
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


def on_a_terminal(*arguments: str, cwd: Path, env: Mapping[str, str] | None = None, typed: str = "") -> tuple[int, str]:
    """Exit code and screen of `covey ARGUMENTS` on a terminal of its own, where somebody has typed ahead."""
    ours, theirs = pty.openpty()
    streams = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
    with subprocess.Popen([COVEY, *arguments], cwd=cwd, env=env or environment(cwd), **streams) as process:
        os.close(theirs)
        impatient = threading.Timer(60, process.kill)  # a question that nobody answers must not wait for ever
        impatient.start()
        os.write(ours, typed.encode())
        shown = b""
        try:
            while part := os.read(ours, 65536):
                shown += part
        except OSError:  # Linux says so when the other end is closed
            pass
    impatient.cancel()
    os.close(ours)
    return process.returncode, shown.decode().replace("\r\n", "\n")

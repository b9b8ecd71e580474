"""A runtime's own virtual environment: frameworks pin clashing versions, so none shares Covey's or another's.

An image names the folder of its environments in `COVEY_RUNTIMES`; elsewhere they are made once and cached.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from covey_core.launch.exits import Exit, LaunchError
from covey_core.manifests import digest_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = "COVEY_RUNTIMES"
_READY = ".ready"


class NoEnvironmentError(Exception):
    """An environment that can't be made; the message is one sentence."""


def python(runtime: str) -> Path:
    """The interpreter of a runtime's environment; raises LaunchError where it has not been made."""
    found = folder(runtime) / "bin/python"
    if not found.exists():
        raise LaunchError(
            f"The environment of the runtime {runtime!r} is not in {found.parent.parent}; `covey run` makes it.",
            code=Exit.START,
        )
    return found


def folder(runtime: str) -> Path:
    if given := os.environ.get(FOLDER):
        return Path(given, runtime)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    own = digest_bytes(_requirements(runtime) + version.encode()).partition(":")[2][:12]
    return cache / "covey" / "runtimes" / f"{runtime}-{own}"


def make(runtime: str) -> Path:
    """Makes the environment unless it is there, with compiled bytecode; returns its interpreter."""
    path = folder(runtime)
    if os.environ.get(FOLDER) or (path / _READY).exists():
        return python(runtime)
    with _alone(path):
        if not (path / _READY).exists():
            shutil.rmtree(path, ignore_errors=True)  # half of one, from a process that was killed
            _run(sys.executable, "-m", "venv", str(path))
            own = str(path / "bin/python")
            text = path / "requirements.txt"
            text.write_bytes(_requirements(runtime))
            _run(
                own,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--require-hashes",
                "-r",
                str(text),
            )
            (path / _READY).touch()
    return python(runtime)


def _requirements(runtime: str) -> bytes:
    return (files("covey_runtimes") / runtime / "requirements.txt").read_bytes()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> None:
    """`python -m covey_runtimes.environments flower …` makes them beforehand, as an image's build does."""
    for runtime in sys.argv[1:]:
        sys.stdout.write(f"{make(runtime)}\n")


def _run(*words: str) -> None:
    ended = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - our own words, no shell
    if ended.returncode:
        last = ended.stderr.strip().rpartition("\n")[2]
        raise NoEnvironmentError(f"The runtime's environment can't be made ({' '.join(words[1:4])}): {last}")


if __name__ == "__main__":
    main()

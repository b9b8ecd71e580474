"""Making one virtual environment: `venv`, pip, and what pip's errors mean."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import sysconfig
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_UNREACHABLE = re.compile(r"NewConnectionError|NameResolutionError|ConnectTimeout|ProxyError|MaxRetryError|ReadTimeout")
_MISSING = re.compile(r"No matching distribution found for (?P<what>.+)")
_CONFLICT = re.compile(r"Cannot install (?P<what>.+?) because these package versions have conflicting dependencies")


class NoEnvironmentError(Exception):
    """An environment that can't be made; the message is one sentence."""


def packages(environment: Path) -> Path:
    """Its site-packages folder."""
    return Path(sysconfig.get_path("purelib", "venv", {"base": str(environment)}))


def venv(python: str, path: Path, *, on: Path | None = None) -> None:
    """An empty environment; or one that sees all of another one's packages, pip among them, and has its programs."""
    ended = _run(python, "-m", "venv", *(("--without-pip",) if on else ()), str(path))
    if ended.returncode:
        raise NoEnvironmentError(f"Python can't make the virtual environment {path}: {_last(ended)}")
    if on:
        line = f"import site; site.addsitedir({str(packages(on))!r})\n"
        (packages(path) / "covey_base.pth").write_text(line)
        _take_programs(on / "bin", path / "bin")


def _take_programs(source: Path, target: Path) -> None:
    """Scripts that start the base's interpreter, changed to start this one."""
    for script in source.iterdir():
        start = script.read_bytes()[:2] if script.is_file() else b""
        if start == b"#!" and not (target / script.name).exists():
            copy = target / script.name
            copy.write_bytes(
                script.read_bytes().replace(os.fsencode(source / "python"), os.fsencode(target / "python"))
            )
            copy.chmod(0o755)


def pip(environment: Path, *words: str, what: str, cwd: Path | None = None) -> None:
    flags = ("--quiet", "--disable-pip-version-check", "--no-input", "--compile", "--retries", "2")
    ended = _run(str(environment / "bin/python"), "-m", "pip", "install", *flags, *words, cwd=cwd)
    if ended.returncode:
        raise NoEnvironmentError(_reason(ended, what))


def _reason(ended: subprocess.CompletedProcess[str], what: str) -> str:
    said = ended.stderr
    missing, conflict = _MISSING.search(said), _CONFLICT.search(said)
    if _UNREACHABLE.search(said):
        name = f" ({missing['what'].strip()})" if missing else ""
        return f"The package index can't be reached, and {what} needs packages from it{name}."
    if conflict or "ResolutionImpossible" in said:
        who = f": {conflict['what']}" if conflict else ""
        return f"What {what} needs does not go together with its runtime's own packages{who}."
    if missing:
        return f"The package index has no {missing['what'].strip()}, which {what} needs."
    return f"What {what} needs can't be installed: {_last(ended)}"


@contextmanager
def alone(path: Path, say: Callable[[str], None]) -> Iterator[None]:
    """One process at a time makes an environment; the others wait for it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"Another process is making {path}; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Settings of the caller's own Python, such as PYTHONPATH, are not this one's."""
    env = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME", "PIP_TARGET"}}
    return subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, check=False)  # noqa: S603 - no shell


def _last(ended: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in (ended.stderr or ended.stdout).splitlines() if line.strip()]
    return lines[-1].strip().removeprefix("ERROR: ") if lines else f"it ended with {ended.returncode}"

"""A runtime's own virtual environment: frameworks pin clashing versions, so none shares Covey's or another's.

An app whose dependencies go beyond the runtime's gets a second one on top of it. An image names the folder of its
environments in `COVEY_RUNTIMES`, and nothing is ever made there; elsewhere they are made once and cached.
"""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from covey_core.launch.exits import Exit, LaunchError
from covey_core.manifests import digest_bytes
from covey_runtimes import app_dependencies, installing
from covey_runtimes.installing import NoEnvironmentError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FOLDER", "NoEnvironmentError", "folder", "make", "python", "version"]
FOLDER = "COVEY_RUNTIMES"
_READY = ".ready"


def python(runtime: str, app: Path | None = None) -> Path:
    """The interpreter for a runtime's processes, or for those that run an app; never makes anything.

    Raises LaunchError where the environment has not been made.
    """
    try:
        base = folder(runtime)
        wanted = _wanted(runtime, app)
    except NoEnvironmentError as error:
        raise LaunchError(str(error), code=Exit.START) from error
    path, what = base, "The environment of the runtime"
    if _done(base) and not _has(base, wanted):
        path, what = _overlay(base, wanted), "What the app needs beyond the runtime"
    if not _done(path):
        raise LaunchError(f"{what} {runtime!r} is not in {path}; `covey run` makes it.", code=Exit.START)
    return path / "bin/python"


def folder(runtime: str) -> Path:
    """Where the runtime's own environment is, or will be."""
    if given := os.environ.get(FOLDER):
        return Path(given, runtime)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return cache / "covey" / "runtimes" / f"{runtime}-{_digest(_requirements(runtime) + version.encode())}"


def version(runtime: str, distribution: str) -> str:
    """Of a package in the runtime's own environment; empty where it is not there."""
    from importlib.metadata import distributions  # noqa: PLC0415 - only a run that starts wants to know

    path = str(installing.packages(folder(runtime)))
    return next((one.version for one in distributions(name=distribution, path=[path])), "")


def make(runtime: str, app: Path | None = None, tell: Callable[[str], None] | None = None) -> Path:
    """Makes what is not there yet, with compiled bytecode, and returns the interpreter.

    `tell` gets a sentence before each step that takes long. Raises NoEnvironmentError.
    """
    if os.environ.get(FOLDER):
        return _images_own(runtime)
    say = tell or _silent
    base = folder(runtime)
    _once(base, lambda: _make_base(runtime, base, say), say)
    wanted = _wanted(runtime, app)
    if app is None or _has(base, wanted):
        return base / "bin/python"
    path = _overlay(base, wanted)
    _once(path, lambda: _make_overlay(runtime, base, path, app=app, wanted=wanted, say=say), say)
    return path / "bin/python"


def _images_own(runtime: str) -> Path:
    try:
        return python(runtime)
    except LaunchError as error:
        raise NoEnvironmentError(str(error)) from error


def _make_base(runtime: str, path: Path, say: Callable[[str], None]) -> None:
    say(f"Making the environment of the runtime {runtime} in {path}; this is done once and takes a minute or two.")
    installing.venv(sys.executable, path)
    pins = path / "requirements.txt"
    pins.write_bytes(_requirements(runtime))
    installing.pip(path, "--require-hashes", "-r", str(pins), what=f"the runtime {runtime}")


def _make_overlay(  # the app's own words are installed beside it, and never into the runtime's environment
    runtime: str, base: Path, path: Path, *, app: Path, wanted: tuple[str, ...], say: Callable[[str], None]
) -> None:
    say(f"Installing what the app needs beyond the runtime {runtime}: {', '.join(wanted)}; this is done once.")
    installing.venv(str(base / "bin/python"), path, on=base)
    pins, own = path / "constraints.txt", path / "requirements.txt"
    pins.write_text("\n".join(app_dependencies.pins(_requirements(runtime).decode())))
    own.write_bytes(_text(wanted))
    installing.pip(path, "-c", str(pins), "-r", str(own), what=f"the app in {app}", cwd=app)


def _once(path: Path, fill: Callable[[], None], say: Callable[[str], None]) -> None:
    """Fills a folder unless that was done; half of one, from a process that was killed, is made again."""
    if _done(path):
        return
    with installing.alone(path, say):
        if not _done(path):
            shutil.rmtree(path, ignore_errors=True)
            fill()
            (path / _READY).touch()


def _done(path: Path) -> bool:
    """Half of one does not count, nor an interpreter that its system has lost, which is a broken link."""
    whole = bool(os.environ.get(FOLDER)) or (path / _READY).exists()  # an image has nothing half made
    return whole and (path / "bin/python").exists()


def _wanted(runtime: str, app: Path | None) -> tuple[str, ...]:
    """The app's own dependencies; an image's environment has them already."""
    return app_dependencies.read(runtime, app) if app and not os.environ.get(FOLDER) else ()


def _overlay(base: Path, wanted: tuple[str, ...]) -> Path:
    return base.with_name(f"{base.name}-{_digest(_text(wanted))}")


def _has(base: Path, wanted: tuple[str, ...]) -> bool:
    """Whether the base has all that; what was found out once is kept inside it, so that it goes when the base does."""
    verdict = base / f".has-{_digest(_text(wanted))}"
    if not wanted or verdict.exists():
        return True
    found = app_dependencies.satisfied(wanted, installing.packages(base))
    if found:
        with suppress(OSError):  # somebody else's environment
            verdict.touch()
    return found


def _requirements(runtime: str) -> bytes:
    try:
        return (files("covey_runtimes") / runtime / "requirements.txt").read_bytes()
    except OSError as error:
        raise NoEnvironmentError(f"The runtime {runtime!r} has no requirements.txt, so no environment.") from error


def _text(wanted: tuple[str, ...]) -> bytes:
    return "\n".join(wanted).encode()


def _digest(content: bytes) -> str:
    return digest_bytes(content).partition(":")[2][:12]


def _silent(_: str) -> None:
    """Nobody listens."""


def main() -> None:
    """`python -m covey_runtimes.environments flower …` makes them beforehand, as an image's build does."""
    for runtime in sys.argv[1:]:
        try:
            made = make(runtime, tell=lambda text: print(text, file=sys.stderr))  # noqa: T201 - a program's output
        except NoEnvironmentError as error:
            sys.exit(f"error: {error}")
        sys.stdout.write(f"{made}\n")


if __name__ == "__main__":
    main()

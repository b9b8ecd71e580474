"""Looks at the machine and the repo for what Covey needs or can use; every look is one small function."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from . import console
from .errors import UserError
from .git import OLDEST, Git
from .options import find_root
from .output import count
from .version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

State = Literal["ok", "missing", "optional"]
OLDEST_PYTHON = (3, 11)
_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked for: what was found, and how to get it where it is not there."""

    name: str
    state: State
    found: str
    advice: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def diagnose(folder: Path) -> tuple[Check, ...]:
    root = _root(folder)
    looks: list[Callable[[], Check]] = [
        lambda: Check("covey", "ok", VERSION),
        python,
        git_program,
        lambda: identity(folder),
        runtimes,
        lambda: fleet_repo(folder, root),
        lambda: hooks(root),
        lambda: placeholders(root),
        lambda: imported_schemas(root),
        terminal,
        lambda: program("kubectl", ("version", "--client"), "Only to try manifests on a cluster."),
        lambda: program("kustomize", ("version",), "Only to build the rendered files with kustomize."),
        lambda: program("go", ("version",), "Only for developers of Covey, to build its test control plane."),
    ]
    return tuple(look() for look in looks)


def python() -> Check:
    found = platform.python_version()
    if sys.version_info >= OLDEST_PYTHON:
        return Check("python", "ok", found)
    return Check("python", "missing", found, "Install Python 3.11 or newer and Covey with it.")


def git_program() -> Check:
    wanted = ".".join(map(str, OLDEST))
    found = _version("git", ("--version",))
    if found is None:
        return Check("git", "missing", "not on the PATH", f"Install git {wanted} or newer with your package manager.")
    numbers = tuple(int(number) for number in re.findall(r"\d+", found)[:2])
    if numbers < OLDEST:
        return Check("git", "missing", found, f"Covey needs git {wanted} or newer.")
    return Check("git", "ok", found)


def identity(folder: Path) -> Check:
    """Who git says is committing; needed for `covey commit` only."""
    try:
        git = Git(folder if folder.is_dir() else Path.cwd())
        name, address = git.maybe("config", "user.name"), git.maybe("config", "user.email")
    except UserError:
        name = address = None
    name, address = os.environ.get("GIT_AUTHOR_NAME") or name, os.environ.get("GIT_AUTHOR_EMAIL") or address
    if name and address:
        return Check("git identity", "ok", console.safe(f"{name} <{address}>"))
    advice = "`git config --global user.name NAME` and `user.email ADDRESS` set it; `covey commit` needs it."
    return Check("git identity", "missing", "not set", advice)


def runtimes() -> Check:
    from covey_runtimes.registry import names  # noqa: PLC0415 - only when it is looked at

    found = names()
    if found:
        return Check("runtimes", "ok", ", ".join(found))
    return Check("runtimes", "missing", "none", "Reinstall Covey, which brings flower and openfl.")


def fleet_repo(folder: Path, root: Path | None) -> Check:
    if root is None:
        return Check("fleet repo", "optional", f"none around {folder.absolute()}", "`covey init` makes one.")
    return Check("fleet repo", "ok", str(root))


def hooks(root: Path | None) -> Check:
    """Whether git or pre-commit checks commits in this clone."""
    if root is None:
        return Check("hooks", "optional", "no fleet repo to look at")
    try:
        git = Git(root)
        path = git.maybe("rev-parse", "--git-path", "hooks/pre-commit")
    except UserError:
        path = None
    if path and os.access(root / path, os.X_OK):
        return Check("hooks", "ok", path)
    return Check("hooks", "optional", "git does not check commits here", "`covey init --hooks` changes that.")


def placeholders(root: Path | None) -> Check:
    """Values that `covey init` made up and nobody has replaced."""
    if root is None:
        return Check("own values", "optional", "no fleet repo to look at")
    number = (root / "covey.yaml").read_text("utf-8", errors="replace").count("# CHANGE:")
    if not number:
        return Check("own values", "ok", "nothing in covey.yaml is marked CHANGE")
    advice = "Put your own values there and remove the marks, before a hub follows this repo."
    return Check("own values", "optional", f"{number} lines of covey.yaml are marked CHANGE", advice)


def imported_schemas(root: Path | None) -> Check:
    """What `covey schema import` has read; without it Covey's own schemas of foreign kinds are used."""
    from .imported import FOLDER, catalog  # noqa: PLC0415 - only when it is looked at

    kinds = catalog(root / FOLDER).kinds() if root else ()
    if kinds:
        return Check("imported schemas", "ok", count(len(kinds), "kind"))
    advice = "`covey schema import` reads the CRDs of your hub, so that checks know its versions."
    return Check("imported schemas", "optional", "none: Covey's own are used", advice)


def terminal() -> Check:
    """Never missing: without one Covey neither asks nor colours."""
    if not console.is_terminal(sys.stdout):
        return Check("terminal", "optional", "none: no colours, no questions, no progress")
    size = shutil.get_terminal_size()
    return Check("terminal", "ok", f"{size.columns} columns, encoding {sys.stdout.encoding}")


def program(name: str, arguments: tuple[str, ...], purpose: str) -> Check:
    found = _version(name, arguments)
    if found is None:
        return Check(name, "optional", "not on the PATH", purpose)
    return Check(name, "ok", found)


def _version(name: str, arguments: tuple[str, ...]) -> str | None:
    """The first line that a program says of its version; None where it is not there or does not run."""
    path = shutil.which(name)
    if path is None:
        return None
    try:
        ended = subprocess.run(  # noqa: S603 - a program of the user's PATH and fixed words
            [path, *arguments], capture_output=True, check=True, timeout=_SECONDS, stdin=subprocess.DEVNULL, text=True
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    return console.safe(ended.stdout.strip().partition("\n")[0], longest=80)


def _root(folder: Path) -> Path | None:
    try:
        return find_root(folder)
    except UserError:
        return None

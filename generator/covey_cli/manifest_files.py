"""Finds the files that `covey validate` checks, whatever lies in the way."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from fnmatch import translate
from pathlib import Path
from typing import TYPE_CHECKING, Final

from covey_core.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable

STDIN: Final = "-"
SUFFIXES: Final = (".yaml", ".yml", ".json")
SKIPPED: Final = frozenset({".git", ".venv", ".covey"})


@dataclass(slots=True)
class Found:
    """The files in the order of the arguments and of their names, and what could not be looked at."""

    files: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def find(paths: Iterable[str], exclude: Iterable[str] = (), *, base: Path | None = None) -> Found:
    """All files that `paths` name: files as they are, folders with everything in them that looks like YAML or JSON."""
    found = Found()
    finder = _Finder(found, exclude, base)
    for path in dict.fromkeys(paths):
        if path == STDIN:
            found.files.append(path)
        elif finder.real(path).is_dir():
            finder.folder(path.rstrip("/") or "/", ())
        elif not finder.excluded(path):
            found.files.append(path)
    found.files = list(dict.fromkeys(found.files))
    return found


class _Finder:
    def __init__(self, found: Found, exclude: Iterable[str], base: Path | None) -> None:
        self._found = found
        self._base = base or Path()
        self._patterns = [re.compile(translate(pattern.removeprefix("./").rstrip("/"))) for pattern in exclude]

    def real(self, path: str) -> Path:
        return self._base / path

    def excluded(self, path: str) -> bool:
        """By the whole path or by its last part."""
        tried = (path.removeprefix("./"), path.rpartition("/")[2])
        return any(pattern.match(name) for pattern in self._patterns for name in tried)

    def folder(self, path: str, above: tuple[tuple[int, int], ...]) -> None:
        """Walks a folder; `above` are the folders that it lies in, by which a link that leads back is known."""
        if self.excluded(path):
            return
        try:
            status = self.real(path).stat()
            with os.scandir(self.real(path)) as scan:
                entries = sorted((entry.name, _is_folder(entry)) for entry in scan)
        except OSError as error:
            self._tell("file/unreadable", f"The folder can't be read: {_reason(error)}.", path)
            return
        here = (status.st_dev, status.st_ino)
        if here in above:
            self._tell("file/loop", "The link leads back to a folder that it lies in.", path, hint="Remove the link.")
            return
        for name, is_folder in entries:
            below = name if path == "." else f"{path.rstrip('/')}/{name}"
            if is_folder and name not in SKIPPED:
                self.folder(below, (*above, here))
            elif not is_folder and name.endswith(SUFFIXES) and not self.excluded(below):
                self._found.files.append(below)

    def _tell(self, rule: str, message: str, path: str, *, hint: str = "") -> None:
        self._found.findings.append(Finding(rule, message, path, hint=hint or "Leave it out with `--exclude`."))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link in a circle, say: reading it tells why
        return False


def _reason(error: OSError) -> str:
    return (error.strerror or "refused").lower()

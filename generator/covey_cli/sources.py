"""Where a fleet repo keeps what people write, and how one of those files becomes a checked document."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from covey_core.findings import Finding, has_errors
from covey_core.reading import read
from covey_core.validation import secret_findings

from .errors import UserError
from .files import read_bytes, safe_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covey_core.documents import Document
    from covey_core.validation import Validator

FLEET_FILE = "covey.yaml"
JOB_FILE = "job.yaml"
_MOST_BYTES = 4 * 1024 * 1024  # the reader refuses what is over its own, smaller limit with a better sentence


def data_set_files(root: Path) -> list[str]:
    """The data sets' files, sorted, relative to `root`."""
    return [
        f"datasets/{name}"
        for name in _entries(root / "datasets")
        if name.endswith(".yaml") and not name.startswith(".")
    ]


def job_files(root: Path) -> list[str]:
    """The jobs' files, sorted, relative to `root`."""
    return [f"{folder}/{JOB_FILE}" for folder in job_folders(root) if os.path.lexists(root / folder / JOB_FILE)]


def job_folders(root: Path) -> list[str]:
    return [f"jobs/{namespace}/{job}" for namespace, job in _two_deep(root / "jobs")]


def rendered_folders(root: Path) -> list[str]:
    """All folders that may hold rendered files, also those of jobs that are gone."""
    folders = [f"rendered/{namespace}/{job}" for namespace, job in _two_deep(root / "rendered")]
    return [*folders, "rendered/_fleet"] if (root / "rendered/_fleet").is_dir() else folders


def rendered_texts(root: Path) -> Iterator[tuple[str, bytes | UserError]]:
    """All YAML files below rendered/, each with its content or why it can't be read. Thousands take a moment only."""
    for folder in rendered_folders(root):
        if any((root / part).is_symlink() for part in (folder, folder.rpartition("/")[0], "rendered")):
            safe_path(root, folder)  # asks about each part of the path, which takes its time
        with os.scandir(f"{root}/{folder}") as entries:
            files = sorted((entry for entry in entries if entry.name.endswith((".yaml", ".yml"))), key=_name)
        for entry in files:
            yield f"{folder}/{entry.name}", _content(entry)


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name


def _content(entry: os.DirEntry[str]) -> bytes | UserError:
    """The careful way, which is slower, only for what is no plain file of a sensible size."""
    if entry.is_file(follow_symlinks=False):
        with suppress(OSError), open(entry.path, "rb") as stream:  # noqa: PTH123 - a Path for each takes as long again
            data = stream.read(_MOST_BYTES + 1)
            if len(data) <= _MOST_BYTES:
                return data
    try:
        return read_bytes(Path(entry.path), _MOST_BYTES)
    except UserError as error:
        return error


def read_spec(root: Path, source: str, kind: str, validator: Validator) -> tuple[Document | None, tuple[Finding, ...]]:
    """The document of one of our kinds, or None if it can't be used, and what is wrong with it."""
    try:
        data = read_bytes(safe_path(root, source), _MOST_BYTES)
    except UserError as error:
        return None, (Finding("file/unreadable", error.message, source, hint=error.hint),)
    reading = read(source, data, strict=True)
    if has_errors(reading.findings) or not reading.documents:
        return None, reading.findings
    document = reading.documents[0]
    findings = (*reading.findings, *validator.check_spec(document, kind), *secret_findings(document))
    return (None if has_errors(findings) else document), findings


def _two_deep(folder: Path) -> Iterator[tuple[str, str]]:
    for outer in _folders(folder):
        if outer != "_fleet":
            for inner in _folders(folder / outer):
                yield outer, inner


def _folders(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir() and not entry.name.startswith("."))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _entries(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries)
    except (FileNotFoundError, NotADirectoryError):
        return []

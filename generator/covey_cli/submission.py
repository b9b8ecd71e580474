"""A job to be submitted, read from where its author keeps it: the spec, and the app's files beside it."""

from __future__ import annotations

import os
import posixpath
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from covey_core import names
from covey_core.findings import Finding, has_errors
from covey_core.reading import position_of, read
from covey_core.validation import Validator, secret_findings
from covey_runtimes.launch.app_digest import is_part
from covey_schemas.catalog import bundled

from .errors import UserError
from .files import read_bytes
from .git import Git
from .publishing import secrets
from .sources import JOB_FILE
from .staging import Change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covey_core.documents import Document

_SPEC_BYTES = 4 * 1024 * 1024
_APP_BYTES = 16 * 1024 * 1024
_APP_FILES = 2000


@dataclass(frozen=True, slots=True)
class Submission:
    """`files` are the whole content of the job's folder below `replaced`; paths are from the repository's root.

    `replaced` is the folder of which nothing else shall stay; empty where no app came along.
    """

    namespace: str
    name: str
    files: tuple[Change, ...]
    replaced: str

    @property
    def job(self) -> str:
        return f"{self.namespace}/{self.name}"

    @property
    def folders(self) -> tuple[str, str]:
        """Where the job's spec and its manifests stand; nothing else is touched."""
        return names.job_folder(self.namespace, self.name), names.rendered_folder(self.namespace, self.name)


def read_submission(
    file: Path, *, root: Path, namespace: str, name: str, app: Path | None
) -> tuple[Submission | None, tuple[Finding, ...]]:
    """None where the findings hold an error. `namespace` and `name` replace those in the file, if given."""
    data = read_bytes(file, _SPEC_BYTES)
    for field, value in (("namespace", namespace), ("name", name)):
        if value:
            data = _renamed(str(file), data, field, value)
    reading = read(str(file), data, strict=True)
    findings = reading.findings
    if has_errors(findings) or not reading.documents:
        return None, findings
    document = reading.documents[0]
    findings += (*Validator(bundled()).check_spec(document, "FederatedJob"), *secret_findings(document))
    if has_errors(findings):
        return None, findings
    metadata, path = document.value["metadata"], document.value["spec"]["app"]["path"]
    place = names.job_folder(metadata["namespace"], metadata["name"])
    folder, replaced = _app_folder(file, root / place / JOB_FILE, path, app)
    spec = Change(f"{place}/{JOB_FILE}", data)
    target = posixpath.normpath(posixpath.join(place, replaced))
    files = tuple(_app_files(folder, target)) if folder else ()
    findings += secrets({change.path: change.data for change in files})
    if has_errors(findings):
        return None, findings
    others = tuple(change for change in files if change.path != spec.path)
    return Submission(metadata["namespace"], metadata["name"], (spec, *others), target if folder else ""), findings


def _renamed(source: str, data: bytes, field: str, value: str) -> bytes:
    """The text with another name or namespace; comments and all else stay."""
    reading = read(source, data, strict=True)
    old = _metadata(reading.documents[0], field) if reading.documents else None
    if old is None or has_errors(reading.findings):
        return data  # the schema says what is wrong
    place = position_of(reading.documents[0], f"/metadata/{field}")
    lines = data.decode("utf-8").splitlines(keepends=True)
    line = lines[place.line - 1]
    start = place.column - 1 + (line[place.column - 1] in "\"'")
    if line[start : start + len(old)] == old:
        lines[place.line - 1] = line[:start] + value + line[start + len(old) :]
        changed = "".join(lines).encode()
        again = read(source, changed, strict=True)
        if again.documents and _metadata(again.documents[0], field) == value:
            return changed
    raise UserError(f"Can't replace the {field} in {source}.", hint=f"Write {value} there yourself.")


def _metadata(document: Document, field: str) -> str | None:
    metadata = document.value.get("metadata") if isinstance(document.value, dict) else None
    value = metadata.get(field) if isinstance(metadata, dict) else None
    return value if isinstance(value, str) else None


def _app_folder(file: Path, filed: Path, path: str, app: Path | None) -> tuple[Path | None, str]:
    """Where the app's files are, and where they go in the job's folder.

    A spec that stands where it belongs brings its whole folder along.
    """
    inside = posixpath.normpath(path)
    if app is not None:
        if not app.is_dir():
            raise UserError(f"There is no folder {app}.")
        if inside.startswith(".."):
            raise UserError(
                f"The spec's app.path, {path}, leads out of the job's folder, where --app can't put anything.",
                hint="Set app.path to `app`, or submit that shared folder by a commit of its own.",
            )
        return app, inside
    if file.resolve() == filed.resolve():
        return file.parent, "."
    beside = file.parent / inside
    return (beside, inside) if beside.is_dir() and not inside.startswith("..") else (None, "")


def _app_files(folder: Path, target: str) -> Iterator[Change]:
    total = 0
    for number, relative in enumerate(_listed(folder)):
        path = folder / relative
        if path.is_symlink():
            raise UserError(
                f"{path} is a symbolic link; an app holds plain files only.", hint="Replace it by its file."
            )
        data = read_bytes(path, _APP_BYTES)
        total += len(data)
        if total > _APP_BYTES or number >= _APP_FILES:
            raise UserError(
                f"The app in {folder} has more than {_APP_BYTES // 2**20} MiB or {_APP_FILES:,} files.",
                hint="Code belongs in Git, data and models do not; a .gitignore leaves them out.",
            )
        yield Change(f"{target}/{relative}", data, executable=os.access(path, os.X_OK))


def _listed(folder: Path) -> list[str]:
    """What git would take, where there is a git; links to folders are named as they are."""
    known = Git(folder).tracked_or_new(folder)
    if known is None:
        known = []
        for walked, folders, files in os.walk(folder):
            parent = Path(walked)
            links = [name for name in folders if (parent / name).is_symlink()]
            folders[:] = [name for name in folders if is_part(name)]
            known += [str((parent / name).relative_to(folder)) for name in (*files, *links)]
    return sorted(name for name in known if all(map(is_part, name.split("/"))))

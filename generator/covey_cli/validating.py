"""From one file to its findings: reads it, and checks what is in it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from covey_core.findings import Finding, has_errors
from covey_core.reading import read
from covey_core.validation import Validator, secret_findings
from covey_core.validation.problems import to_finding
from covey_schemas.catalog import bundled, layered

from .errors import UserError
from .file_results import FileResult
from .files import read_bytes
from .manifest_files import STDIN

if TYPE_CHECKING:
    from covey_core.documents import Document

MOST_BYTES: Final = 64 * 1024 * 1024  # the reader refuses what is over its own, smaller limit with a better sentence
_OURS: Final = "covey.dev/v1alpha1"
_WRITTEN: Final = frozenset({"FederatedJob", "DataSet", "Fleet"})
_SMALL: Final = 64 * 1024  # characters; annotations inside of such a file have not too many bytes
# Of other kinds, the limits look at annotations only.
_LIMITED: Final = frozenset({"ManifestWork", "ManifestWorkReplicaSet", "Policy"})


@dataclass(frozen=True, slots=True)
class Settings:
    """What to check; every process makes its own validator from it."""

    allow_missing: frozenset[str] = frozenset()
    schemas_only: bool = False
    schemas: tuple[str, ...] = ()  # folders of imported schemas
    root: str = ""  # the fleet repo, if there is one: under its rendered/ no Secret may stand
    base: str = ""  # where names of files begin; the working directory by default


def check_file(name: str, settings: Settings) -> FileResult:
    source = "stdin" if name == STDIN else name
    result = FileResult(source)
    try:
        data = standard_input() if name == STDIN else read_bytes(Path(settings.base, name), MOST_BYTES)
    except UserError as error:
        result.unreadable([Finding("file/unreadable", error.message, source, hint=error.hint)])
        return result
    reading = read(source, data, strict=False)
    if any(_is_spec(document.value) for document in reading.documents):
        _check_specs(result, source, data, settings)
        return result
    result.unreadable(reading.findings)
    if name == STDIN and not reading.documents and not reading.findings:
        message = "There is no object on stdin."
        hint = "The command before it may have failed."
        result.unreadable([Finding("file/empty", message, source, hint=hint)])
    is_rendered = bool(settings.root) and _is_rendered(name, settings)
    for document in reading.documents:
        _check_manifest(result, document, settings, is_rendered=is_rendered)
    return result


def _check_manifest(result: FileResult, document: Document, settings: Settings, *, is_rendered: bool) -> None:
    checks = validator(settings)
    if settings.schemas_only and checks.fits_schema(document.value):
        result.valid += 1
        return
    for value, problems in checks.by_resource(document.value, rendered=is_rendered):
        findings = tuple(to_finding(problem, document) for problem in problems)
        if not settings.schemas_only and value is document.value and not has_errors(findings):
            findings += _cross_checks(document)
        result.checked(value, findings, known=checks.knows(value))


def _cross_checks(document: Document) -> tuple[Finding, ...]:
    """What is known about single kinds beyond their schemas; only for objects that fit those."""
    from covey_core.checks.limits import limit_findings  # noqa: PLC0415 - not needed for schemas only
    from covey_core.checks.upstream import upstream_findings  # noqa: PLC0415 - the same

    kind = document.value.get("kind")
    upstream = upstream_findings(document) if kind == "FederatedLearning" else ()
    if kind not in _LIMITED and (len(document.text) < _SMALL or not _has_annotations(document.value)):
        return upstream
    return (*limit_findings(document), *upstream)


def _has_annotations(value: dict[str, Any]) -> bool:
    metadata = value.get("metadata")
    return isinstance(metadata, dict) and bool(metadata.get("annotations"))


def _check_specs(result: FileResult, source: str, data: bytes, settings: Settings) -> None:
    """One of our written kinds: read strictly, and checked against the schema that people know."""
    reading = read(source, data, strict=True)
    result.unreadable(reading.findings)
    for document in reading.documents:
        if _is_spec(document.value):
            problems = validator(settings).check_spec(document, document.value["kind"])
            result.checked(document.value, (*problems, *secret_findings(document)))


def _is_spec(value: dict[str, Any]) -> bool:
    """Whether people wrote it: rendered DataSets and Fleets carry annotations, written ones can't."""
    if value.get("apiVersion") != _OURS or value.get("kind") not in _WRITTEN:
        return False
    metadata = value.get("metadata")
    return value["kind"] == "FederatedJob" or not (isinstance(metadata, dict) and "annotations" in metadata)


def _is_rendered(name: str, settings: Settings) -> bool:
    path = os.path.abspath(os.path.join(settings.base, name))  # noqa: PTH100, PTH118 - each file pays for it
    return path.startswith(os.path.join(settings.root, "rendered", ""))  # noqa: PTH118 - the same


@cache
def validator(settings: Settings) -> Validator:
    """One per process and settings: compiling schemas is what takes time."""
    catalogs = [bundled()]
    if settings.schemas:
        from .imported import catalog  # noqa: PLC0415 - only where schemas were imported

        catalogs = [*(catalog(Path(folder)) for folder in settings.schemas), *catalogs]
    return Validator(
        layered(*catalogs),
        allowed_missing=settings.allow_missing,
        cel=not settings.schemas_only,
        extras=not settings.schemas_only,
    )


def standard_input() -> bytes:
    return b"" if sys.stdin is None else sys.stdin.buffer.read(MOST_BYTES)  # None: it was closed (`<&-`)

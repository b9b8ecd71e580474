"""From files to findings: reads each file and checks what is in it, in this process or in several."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from covey_core.findings import Finding, Severity, in_order
from covey_core.reading import read
from covey_core.validation import Validator, secret_findings
from covey_core.validation.problems import to_finding
from covey_schemas.catalog import bundled, layered

from .errors import UserError
from .files import read_bytes
from .manifest_files import STDIN

if TYPE_CHECKING:
    from covey_core.documents import Document
    from covey_core.validation.problems import Problem

MOST_BYTES: Final = 64 * 1024 * 1024  # the reader refuses what is over its own, smaller limit with a better sentence
_OURS: Final = "covey.dev/v1alpha1"
_WRITTEN: Final = frozenset({"FederatedJob", "DataSet", "Fleet"})
_UNCHECKED: Final = frozenset({"schema/missing", "k8s/not-a-manifest"})
STATUSES: Final = ("valid", "invalid", "errors", "skipped")


@dataclass(frozen=True, slots=True)
class Settings:
    """What to check; every process makes its own validator from it."""

    allow_missing: frozenset[str] = frozenset()
    schemas_only: bool = False
    schemas: tuple[str, ...] = ()  # folders of imported schemas
    root: str = ""  # the fleet repo, if there is one: under its rendered/ no Secret may stand
    base: str = ""  # where names of files begin; the working directory by default


@dataclass(frozen=True, slots=True)
class Resource:
    """An object that was not simply valid."""

    kind: str
    name: str
    version: str
    status: str
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class FileResult:
    """What is in one file."""

    name: str
    valid: int = 0
    findings: list[Finding] = field(default_factory=list)
    resources: list[Resource] = field(default_factory=list)

    def add(self, value: Any, findings: tuple[Finding, ...], rules: set[tuple[str, Severity]]) -> None:
        status = _status(rules)
        self.findings.extend(findings)
        self.resources.append(Resource(*_identity(value), status, findings))

    def unreadable(self, findings: tuple[Finding, ...]) -> None:
        """Errors that are about the file or the text, and not about an object."""
        self.findings.extend(findings)
        errors = tuple(finding for finding in findings if finding.severity is Severity.ERROR)
        self.resources.extend(Resource("", "", "", "errors", (finding,)) for finding in errors)


def check_file(name: str, settings: Settings) -> FileResult:
    result = FileResult(name)
    try:
        data = standard_input() if name == STDIN else read_bytes(Path(settings.base, name), MOST_BYTES)
    except UserError as error:
        result.unreadable((Finding("file/unreadable", error.message, name, hint=error.hint),))
        return result
    source = "stdin" if name == STDIN else name
    reading = read(source, data, strict=False)
    if len(reading.documents) == 1 and _is_spec(reading.documents[0].value):
        _check_spec(result, source, data, settings)
        return result
    result.unreadable(reading.findings)
    is_rendered = bool(settings.root) and _is_rendered(name, settings)
    for document in reading.documents:
        _check_manifest(result, document, settings, is_rendered=is_rendered)
    return result


def _check_manifest(result: FileResult, document: Document, settings: Settings, *, is_rendered: bool) -> None:
    for value, problems in validator(settings).by_resource(document.value, rendered=is_rendered):
        findings = in_order(to_finding(problem, document) for problem in problems) if problems else ()
        if not settings.schemas_only and not _has_errors(problems):
            findings += _cross_checks(value, document)
        if findings:
            result.add(value, findings, {(finding.rule, finding.severity) for finding in findings})
        else:
            result.valid += 1


def _has_errors(problems: list[Problem]) -> bool:
    return any(problem.severity is Severity.ERROR for problem in problems)


def _cross_checks(value: Any, document: Document) -> tuple[Finding, ...]:
    """What is known about single kinds beyond their schemas."""
    if value is not document.value:
        return ()  # these checks look at whole documents
    from covey_core.checks.limits import limit_findings  # noqa: PLC0415 - not needed for schemas only

    return limit_findings(document)


def _check_spec(result: FileResult, source: str, data: bytes, settings: Settings) -> None:
    """One of our written kinds: read strictly, and checked against the schema that people know."""
    reading = read(source, data, strict=True)
    result.unreadable(reading.findings)
    for document in reading.documents:
        value = document.value
        findings = (*validator(settings).check_spec(document, value["kind"]), *secret_findings(document))
        if findings:
            result.add(value, in_order(findings), {(finding.rule, finding.severity) for finding in findings})
        else:
            result.valid += 1


def _is_spec(value: Any) -> bool:
    """Whether people wrote it: rendered DataSets and Fleets carry annotations, written ones can't."""
    if value.get("apiVersion") != _OURS or value.get("kind") not in _WRITTEN:
        return False
    metadata = value.get("metadata")
    return not (isinstance(metadata, dict) and "annotations" in metadata)


def _is_rendered(name: str, settings: Settings) -> bool:
    path = os.path.abspath(os.path.join(settings.base, name))  # noqa: PTH100, PTH118 - each file pays for it
    return path.startswith(os.path.join(settings.root, "rendered", ""))  # noqa: PTH118 - the same


def _status(rules: set[tuple[str, Severity]]) -> str:
    errors = {rule for rule, severity in rules if severity is Severity.ERROR}
    if errors:
        return "errors" if errors <= _UNCHECKED else "invalid"
    return "skipped" if ("schema/missing", Severity.INFO) in rules else "valid"


def _identity(value: Any) -> tuple[str, str, str]:
    if not isinstance(value, dict):
        return "", "", ""
    metadata = value.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return tuple(part if isinstance(part, str) else "" for part in (value.get("kind"), name, value.get("apiVersion")))  # type: ignore[return-value]  # three of them


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
    if sys.stdin is None or sys.stdin.closed:
        raise UserError("There is nothing to read on stdin.", hint="Pipe manifests into the command, or name files.")
    return sys.stdin.buffer.read(MOST_BYTES)

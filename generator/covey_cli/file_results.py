"""What checking one file brought: its findings, and the fate of each object in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from covey_core.findings import Finding, Severity, has_errors, in_order

if TYPE_CHECKING:
    from collections.abc import Iterable

STATUSES: Final = ("valid", "invalid", "errors", "skipped")


@dataclass(frozen=True, slots=True)
class Resource:
    """An object about which something was found."""

    kind: str
    name: str
    version: str
    status: str
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class FileResult:
    """Clean objects are only counted: there are thousands of them."""

    name: str
    valid: int = 0
    findings: list[Finding] = field(default_factory=list)
    resources: list[Resource] = field(default_factory=list)

    def checked(self, value: Any, findings: Iterable[Finding], *, known: bool = True) -> None:
        """One object, with what was found about it; `known` says that there is a schema for its kind."""
        told = in_order(findings)
        if not told:
            self.valid += 1
            return
        self.findings.extend(told)
        self.resources.append(Resource(*_identity(value), _status(told, known=known), told))

    def unreadable(self, findings: Iterable[Finding]) -> None:
        """What is wrong with the file or the text, and not with an object."""
        for finding in findings:
            self.findings.append(finding)
            if finding.severity is Severity.ERROR:
                self.resources.append(Resource("", "", "", "errors", (finding,)))


def _status(findings: tuple[Finding, ...], *, known: bool) -> str:
    if has_errors(findings):
        return "invalid" if known else "errors"
    return "valid" if known else "skipped"


def _identity(value: Any) -> tuple[str, str, str]:
    """Kind, name and version; empty where they are no text."""
    if not isinstance(value, dict):
        return "", "", ""
    metadata = value.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return _text(value.get("kind")), _text(name), _text(value.get("apiVersion"))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""

"""Problems are values: what is wrong, where, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Severity(StrEnum):
    """How bad a finding is; only errors make a command fail."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a text; both numbers count from 1, as editors do."""

    line: int
    column: int


START = Position(1, 1)


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem.

    `rule` is a stable id such as `yaml/duplicate-key`; `pointer` is an RFC 6901 JSON pointer into the document;
    `message` is one sentence that stands alone, `hint` says what to do.
    """

    rule: str
    message: str
    file: str
    position: Position = START
    pointer: str = ""
    hint: str = ""
    severity: Severity = Severity.ERROR


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings without doubles, sorted by file, line, column, rule and message."""
    return tuple(
        sorted(set(findings), key=lambda f: (f.file, f.position.line, f.position.column, f.rule, f.message, f.pointer)),
    )


def has_errors(findings: Iterable[Finding]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in findings)

"""What a check found at a place of a value, before anyone has looked up lines and columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from covey_core.findings import Finding, Severity
from covey_core.pointers import join

if TYPE_CHECKING:
    from covey_core.documents import Document

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem at `path`; `at_key` points at the field's name, not at its value."""

    rule: str
    path: Path
    message: str
    hint: str = ""
    severity: Severity = Severity.ERROR
    at_key: bool = False


def to_finding(problem: Problem, document: Document) -> Finding:
    from covey_core.reading import key_position_of, position_of  # noqa: PLC0415 - only documents with problems pay for it

    where = join(problem.path)
    look_up = key_position_of if problem.at_key else position_of
    return Finding(
        rule=problem.rule,
        message=problem.message,
        file=document.source,
        position=look_up(document, where),
        pointer=where,
        hint=problem.hint,
        severity=problem.severity,
    )

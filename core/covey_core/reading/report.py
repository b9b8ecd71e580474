"""Collects the findings of one document, and knows which doubts are errors in strict reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covey_core.findings import Finding, Severity
from covey_core.pointers import join

if TYPE_CHECKING:
    from .lines import Lines
    from .nodes import Node

Path = tuple[str | int, ...]


class Report:
    def __init__(self, source: str, lines: Lines, *, strict: bool) -> None:
        self.findings: list[Finding] = []
        self.strict = strict
        self._source, self._lines = source, lines

    def line(self, node: Node) -> int:
        return self._lines.at(node.start).line

    def error(self, rule: str, message: str, node: Node, path: Path, *, hint: str) -> None:
        self._add(rule, message, node, path, hint=hint, severity=Severity.ERROR)

    def doubt(self, rule: str, message: str, node: Node, path: Path, *, hint: str) -> None:
        """An error in our own specs; a warning in manifests, which are read as kubectl does."""
        severity = Severity.ERROR if self.strict else Severity.WARNING
        self._add(rule, message, node, path, hint=hint, severity=severity)

    def forbidden(self, rule: str, message: str, node: Node, path: Path, *, hint: str) -> None:
        """What only our own specs do without."""
        if self.strict:
            self.error(rule, message, node, path, hint=hint)

    def _add(self, rule: str, message: str, node: Node, path: Path, *, hint: str, severity: Severity) -> None:
        position = self._lines.at(node.start)
        self.findings.append(Finding(rule, message, self._source, position, join(path), hint, severity))

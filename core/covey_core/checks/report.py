"""Collects the findings of one document, each at its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covey_core.findings import Finding, Severity
from covey_core.reading import position_of

if TYPE_CHECKING:
    from covey_core.documents import Document


class Report:
    """`add` takes a rule id, one sentence, the pointer of the value at fault and what to do about it."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._findings: list[Finding] = []

    def add(
        self,
        rule: str,
        message: str,
        pointer: str,
        *,
        hint: str = "",
        severity: Severity = Severity.ERROR,
    ) -> None:
        position = position_of(self._document, pointer)
        self._findings.append(Finding(rule, message, self._document.source, position, pointer, hint, severity))

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(self._findings)


def placeholder_image(image: str, pointer: str, report: Report) -> None:
    """A digest of zeros names no image: a draft's mark, which must not reach a cluster unseen."""
    if image.endswith("@sha256:" + "0" * 64):
        report.add(
            "image/placeholder",
            "The image's digest is all zeros, so no cluster can pull it.",
            pointer,
            hint="Put the digest of the image that you pushed.",
            severity=Severity.WARNING,
        )

"""Bytes to documents and findings: the fast reader where nothing is in doubt, the precise one elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from covey_core.documents import Document
from covey_core.findings import Finding, Position, in_order

from . import decoding, fast
from .chunks import Chunk, documents_of
from .limits import LENIENT, STRICT

if TYPE_CHECKING:
    from .limits import Limits


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds.

    A document that has a value is here even if there are errors in it, so that later checks can report theirs too;
    who acts on values asks `has_errors(findings)` first.
    """

    documents: tuple[Document, ...]
    findings: tuple[Finding, ...]


def read(source: str, data: bytes, *, strict: bool) -> Reading:
    """Read a file of YAML or JSON; never raises for bad input.

    Strict reading is for our own specs: one document, a mapping, without aliases, anchors, tags, merge keys and traps.
    Otherwise the values are those that kubectl reads, and traps are warnings.
    """
    limits = STRICT if strict else LENIENT
    text, refusal = decoding.decode(source, data, limits)
    if refusal:
        return Reading((), (refusal,))
    return _File(source, text, strict=strict, limits=limits).read()


class _File:
    def __init__(self, source: str, text: str, *, strict: bool, limits: Limits) -> None:
        self.source, self.text, self.strict, self.limits = source, text, strict, limits
        self.documents: list[Document] = []
        self.findings: list[Finding] = []

    def read(self) -> Reading:
        chunks = documents_of(self.text)
        json = self.text.lstrip().startswith("{")
        clear = not json and fast.clear(self.text)
        for index, chunk in enumerate(chunks):
            self._chunk(index, chunk, json=json, clear=clear)
        if self.strict:
            self._one_document(chunks)
        return Reading(tuple(self.documents), in_order(self.findings))

    def _chunk(self, index: int, chunk: Chunk, *, json: bool, clear: bool) -> None:
        if chunk.bad_marker:
            message = "Text follows `---` in this line, which kubectl refuses."
            self._error("yaml/document-start", message, chunk.line - 1, hint="Put it in the line below.")
            return
        value = fast.read_chunk(chunk.text, self.limits, json_file=json, clear=clear)
        if value is fast.IN_DOUBT:
            value = self._precisely(chunk)
        if isinstance(value, dict):
            self.documents.append(Document(self.source, index, value, self.text))
        elif value is not None:
            message = f"The document is {_kind(value)}, where a mapping with keys is needed."
            self._error("yaml/not-a-mapping", message, chunk.line, hint="Write `key: value` lines.")

    def _precisely(self, chunk: Chunk) -> Any:
        from . import precise  # noqa: PLC0415 - PyYAML takes time to start, and clean files never need it

        outcome = precise.read_chunk(self.source, chunk, strict=self.strict, limits=self.limits)
        self.findings.extend(outcome.findings)
        return outcome.value

    def _one_document(self, chunks: tuple[Chunk, ...]) -> None:
        if len(chunks) > 1:
            message = f"The file holds {len(chunks)} documents, where one is needed."
            self._error("yaml/several-documents", message, chunks[1].line, hint="Put each into a file of its own.")
        if not self.documents and not self.findings:
            self._error("yaml/empty", "The file holds nothing to read.", 1, hint="Write the spec, or remove the file.")

    def _error(self, rule: str, message: str, line: int, *, hint: str) -> None:
        self.findings.append(Finding(rule, message, self.source, Position(line, 1), hint=hint))


def _kind(value: Any) -> str:
    return "a list" if isinstance(value, list) else "a single value"

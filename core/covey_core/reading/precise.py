"""The precise reader: one chunk to the value that kubectl reads, with a finding for each doubt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from covey_core.findings import Finding

from . import characters, messages, tabs
from .building import Builder
from .lines import Lines
from .nodes import NodesError, compose
from .report import Report

if TYPE_CHECKING:
    from .chunks import Chunk
    from .limits import Limits


@dataclass(frozen=True, slots=True)
class Outcome:
    value: Any
    findings: tuple[Finding, ...]


def read_chunk(source: str, chunk: Chunk, *, strict: bool, limits: Limits) -> Outcome:
    lines = Lines(chunk.text, chunk.line)
    try:
        root = compose(chunk.text, limits)
        if root is None:
            return Outcome(None, ())
        report = Report(source, lines, strict=strict)
        value = Builder(report, limits).build(root)
    except NodesError as error:
        return Outcome(None, (_refusal(error, source, chunk, lines, limits),))
    return Outcome(
        value,
        (
            *report.findings,
            *tabs.findings(source, chunk, root, lines),
            *characters.findings(source, chunk, root, lines, strict=strict),
        ),
    )


def _refusal(error: NodesError, source: str, chunk: Chunk, lines: Lines, limits: Limits) -> Finding:
    rule, position = error.rule, lines.at(error.start)
    if rule == "yaml/syntax" and (offset := tabs.in_indentation(chunk.text, error.start)) is not None:
        return tabs.finding(source, lines.at(offset))
    if rule == "yaml/encoding" and (found := characters.refused(source, chunk.text, lines)):
        return found
    if rule in {"yaml/syntax", "yaml/document-end"} and chunk.text.startswith("%"):
        rule, position = "yaml/directive", lines.at(0)
    if sentences := messages.fixed(rule):
        message, hint = (text.format(limits=limits, problem=error.problem) for text in sentences)
        return Finding(rule, message, source, position, hint=hint)
    problem = error.problem[:1].lower() + error.problem[1:]
    return Finding(
        rule,
        f"The YAML can't be read here: {problem}.",
        source,
        position,
        hint=messages.syntax_hint(error.problem),
    )

"""Findings and results as people, programs and GitHub read them; `docs/reference/formats.md` says how."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import click

from covey_core.findings import Finding, Severity, in_order

from .console import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

FORMATS: Final = ("text", "json", "github")
JSON_VERSION: Final = 1
GITHUB_MOST: Final = 10
_COLORS: Final = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}
_GITHUB_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def emit(findings: Sequence[Finding], *, format: str, checked: int | None = None) -> None:  # noqa: A002 - the option's name
    """Prints the findings, sorted and without doubles, and a summary; `checked` is the number of files looked at."""
    _WRITERS[format](in_order(findings), checked)


def emit_json(value: dict[str, Any]) -> None:
    """Prints a result for programs; the version of the shape stands first."""
    click.echo(json.dumps({"version": JSON_VERSION, **value}, indent=2, ensure_ascii=True))


def summary(findings: Sequence[Finding], checked: int | None = None) -> str:
    """`3 errors, 1 warning in 2 files`."""
    files = len({finding.file for finding in findings})
    if not findings:
        return "No problems found" + (f" in {count(checked, 'file')}." if checked is not None else ".")
    parts = [count(number, name) for name, number in _numbers(findings).items() if number]
    whole = f" of {checked}" if checked is not None and checked >= files else ""
    return f"{', '.join(parts)} in {count(files, 'file')}{whole}."


def count(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


def as_json(findings: Sequence[Finding], checked: int | None = None) -> dict[str, Any]:
    """The findings and their summary as plain data, for `emit_json` alone or inside a larger result."""
    totals = {f"{name}s": number for name, number in _numbers(findings).items()}
    return {
        "summary": {**totals, "filesWithFindings": len({f.file for f in findings}), "filesChecked": checked},
        "findings": [
            {
                "rule": finding.rule,
                "severity": finding.severity.value,
                "file": finding.file,
                "line": finding.position.line,
                "column": finding.position.column,
                "pointer": finding.pointer,
                "message": finding.message,
                "hint": finding.hint,
            }
            for finding in findings
        ],
    }


def _numbers(findings: Sequence[Finding]) -> dict[str, int]:
    return {
        name: sum(finding.severity is severity for finding in findings)
        for name, severity in (("error", Severity.ERROR), ("warning", Severity.WARNING), ("note", Severity.INFO))
    }


def finding_lines(findings: Sequence[Finding]) -> Iterator[str]:
    """The lines of the text format, without the summary."""
    for finding in findings:
        yield _line(finding, colored=True)
        if finding.hint:
            yield f"    hint: {safe(finding.hint)}"


def _text(findings: Sequence[Finding], checked: int | None) -> None:
    click.echo("\n".join((*finding_lines(findings), summary(findings, checked))))  # one write: echo flushes each time


def _line(finding: Finding, *, colored: bool) -> str:
    severity = finding.severity.value
    if colored:
        severity = click.style(severity, fg=_COLORS[finding.severity], bold=True)
    return f"{_place(finding)}: {severity}: {safe(finding.message)} [{finding.rule}]"


def _place(finding: Finding) -> str:
    return f"{safe(finding.file)}:{finding.position.line}:{finding.position.column}"


def _json(findings: Sequence[Finding], checked: int | None) -> None:
    emit_json(as_json(findings, checked))


def _github(findings: Sequence[Finding], checked: int | None) -> None:
    """Annotations; GitHub keeps ten of a level for each step, so the rest are plain lines of the log."""
    shown = dict.fromkeys(Severity, 0)
    lines = []
    for finding in findings:
        shown[finding.severity] += 1
        few = shown[finding.severity] <= GITHUB_MOST
        lines.append(_annotation(finding) if few else _no_command("- " + _line(finding, colored=False)))
    click.echo("\n".join((*lines, summary(findings, checked))))


def _annotation(finding: Finding) -> str:
    text = safe(finding.message) + (f" Hint: {safe(finding.hint)}" if finding.hint else "")
    properties = {
        "file": finding.file,
        "line": str(finding.position.line),
        "col": str(finding.position.column),
        "title": finding.rule,
    }
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return _no_command(f"::{_GITHUB_LEVELS[finding.severity]} {listed}::{_data(text)}")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _no_command(line: str) -> str:
    """GitHub obeys `##[` anywhere in a line, so text from files may not hold it."""
    return line.replace("##[", "## [")


_WRITERS: Final[dict[str, Callable[[Sequence[Finding], int | None], None]]] = {
    "text": _text,
    "json": _json,
    "github": _github,
}

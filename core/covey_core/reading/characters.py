"""Characters that readers refuse, or take for the end of a line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from covey_core.findings import Finding, Severity

from .grammar import BARRED
from .nodes import Node, ScalarNode, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .chunks import Chunk
    from .lines import Lines

_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_ODD = re.compile("[\x85\u2028\u2029\ufeff]")
_SLASH = re.compile(r"(?<!\\)(?:\\\\)*\\/")
_BARRED = re.compile(rf"(?<!\\)(?:\\\\)*({BARRED})")
_HINT = "Remove it, or write it as an escape within double quotes."


def refused(source: str, text: str, lines: Lines) -> Finding | None:
    """The first character that no YAML text may hold."""
    match = _REFUSED.search(text)
    return match and _finding(source, lines, match, "which YAML does not allow")


def findings(source: str, chunk: Chunk, root: Node, lines: Lines, *, strict: bool) -> tuple[Finding, ...]:
    """What some readers take for text and others for a line's end, for nothing, or for no YAML."""
    severity = Severity.ERROR if strict else Severity.WARNING
    why = "which some readers take for the end of a line"
    odd = [] if chunk.text.isascii() else _ODD.finditer(chunk.text)
    found = [
        _finding(source, lines, match, "a byte order mark within the file")
        if match.group() == "\ufeff"
        else _finding(source, lines, match, why, rule="yaml/trap", severity=severity)
        for match in odd
    ]
    return (*found, *_escapes(source, chunk, root, lines))


def _escapes(source: str, chunk: Chunk, root: Node, lines: Lines) -> Iterator[Finding]:
    searches = [search for search in (_SLASH, _BARRED) if search.search(chunk.text)]
    if not searches:
        return
    for node in walk(root):
        if isinstance(node, ScalarNode) and node.double:
            for search in searches:
                match = search.search(chunk.text, node.start, node.end)
                if match:
                    yield _escape(source, lines, match)


def _escape(source: str, lines: Lines, match: re.Match[str]) -> Finding:
    if match.re is _SLASH:
        message = "The escape `\\/` is JSON's and YAML 1.2's; kubectl refuses it in YAML."
        return Finding("yaml/escape", message, source, lines.at(match.end() - 2), hint="Write `/` alone.")
    name = f"U+{int(match[1][2:], 16):04X}"  # noqa: FURB166 - it begins with a backslash
    message = (
        f"The escape `{match[1]}` makes the character {name}, which server-side apply, and so Argo CD, can't carry."
    )
    return Finding("yaml/escape", message, source, lines.at(match.start(1)), hint="Leave the character out.")


def _finding(
    source: str,
    lines: Lines,
    match: re.Match[str],
    why: str,
    *,
    rule: str = "yaml/encoding",
    severity: Severity = Severity.ERROR,
) -> Finding:
    message = f"The file holds the invisible character U+{ord(match.group()):04X}, {why}."
    return Finding(rule, message, source, lines.at(match.start()), hint=_HINT, severity=severity)

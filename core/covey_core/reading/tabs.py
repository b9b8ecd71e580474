"""Tabs where an indentation is: kubectl refuses most of them, other readers some."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from covey_core.findings import Finding

from .nodes import MappingNode, Node, ScalarNode, SequenceNode, walk

if TYPE_CHECKING:
    from covey_core.findings import Position

    from .chunks import Chunk
    from .lines import Lines

_INDENTED = re.compile(r"^[ ]*(?:[-?:][ ]*)*\t", re.MULTILINE)


def findings(source: str, chunk: Chunk, root: Node, lines: Lines) -> tuple[Finding, ...]:
    """One finding for each line that a tab indents, save within quotes, blocks and brackets."""
    if "\t" not in chunk.text:
        return ()
    spans = _free_spans(root)
    starts = [start for start, _ in spans]
    places = (match.end() - 1 for match in _INDENTED.finditer(chunk.text))
    return tuple(finding(source, lines.at(place)) for place in places if not _within(place, spans, starts))


def _free_spans(root: Node) -> list[tuple[int, int]]:
    """Where tabs are text or space, in order and without overlaps."""
    spans: list[tuple[int, int]] = []
    for node in walk(root):
        if _free(node) and (not spans or node.start >= spans[-1][1]):
            spans.append((node.start, node.end))
    return spans


def _within(place: int, spans: list[tuple[int, int]], starts: list[int]) -> bool:
    index = bisect_right(starts, place) - 1
    return index >= 0 and place < spans[index][1]


def in_indentation(text: str, offset: int) -> int | None:
    """The offset of a tab in the indentation of the line at `offset`, if there is one."""
    match = _INDENTED.match(text, text.rfind("\n", 0, offset) + 1)
    return match.end() - 1 if match else None


def finding(source: str, position: Position) -> Finding:
    return Finding(
        "yaml/tab", "A tab indents this line, which YAML forbids.", source, position, hint="Indent with spaces."
    )


def _free(node: Node) -> bool:
    if isinstance(node, ScalarNode):
        return not node.plain
    return isinstance(node, MappingNode | SequenceNode) and node.flow

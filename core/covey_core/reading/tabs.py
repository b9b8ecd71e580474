"""Tabs where an indentation is: kubectl refuses most of them, other readers some."""

from __future__ import annotations

import re
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
    covered = [(node.start, node.end) for node in walk(root) if _free(node)]
    places = [match.end() - 1 for match in _INDENTED.finditer(chunk.text)]
    return tuple(
        finding(source, lines.at(place)) for place in places if not any(start <= place < end for start, end in covered)
    )


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

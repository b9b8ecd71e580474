"""The positions of all values and keys of one chunk."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .keys import is_merge, name_of
from .limits import LENIENT
from .lines import Lines
from .nodes import AliasNode, MappingNode, Node, NodesError, SequenceNode, compose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from covey_core.findings import Position

    from .chunks import Chunk

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


class Places:
    def __init__(self, chunk: Chunk) -> None:
        self._lines = Lines(chunk.text, chunk.line)
        try:
            # JSON's pairs of escapes are none of YAML's; what stands in their place has the same length.
            self._root = compose(_SURROGATE.sub(r"\\u0020", chunk.text), LENIENT)
        except NodesError:
            self._root = None

    def value_at(self, parts: Sequence[str]) -> Position:
        return self._at(self._find(parts)[1])

    def key_at(self, parts: Sequence[str]) -> Position:
        key, value = self._find(parts)
        return self._at(key or value)

    def _at(self, node: Node | None) -> Position:
        return self._lines.at(node.start if node else 0)

    def _find(self, parts: Sequence[str]) -> tuple[Node | None, Node | None]:
        """The last key and value on the way along `parts` that exist."""
        key, value = None, self._root
        for part in parts:
            step = _step(value, part)
            if step is None:
                return None, value
            key, value = step
        return key, value


def _step(node: Node | None, part: str) -> tuple[Node | None, Node] | None:
    if isinstance(node, AliasNode):
        node = node.target
    if isinstance(node, SequenceNode):
        return (None, node.items[int(part)]) if part.isdecimal() and int(part) < len(node.items) else None
    if not isinstance(node, MappingNode):
        return None
    for key, value in reversed(node.items):
        if name_of(key) == part and not is_merge(key):
            return key, value
    return next(((key, value) for key, value in node.items if is_merge(key)), None)

"""A file cut into its documents at the lines that begin with `---`, as Kubernetes cuts it before any YAML is read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

_NOTHING = re.compile(r"(?:[ \t\r\n]++|#[^\n]*+|^\.\.\.(?=\s|\Z))*+\Z", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Chunk:
    """The text of one document; `line` is the number of its first line, `marker` what follows `---` above it."""

    text: str = field(repr=False)
    line: int
    marker: str

    @property
    def bad_marker(self) -> bool:
        """Kubernetes refuses text after `---`; other readers take it as the beginning of the document."""
        return bool(self.marker) and not self.marker.startswith("#")


@lru_cache(maxsize=8)
def documents_of(text: str) -> tuple[Chunk, ...]:
    """The chunks that hold more than space and comments, in order."""
    return tuple(chunk for chunk in _cut(text) if chunk.bad_marker or not _NOTHING.match(chunk.text))


def _cut(text: str) -> list[Chunk]:
    if not text.endswith("\n"):
        text += "\n"  # as Kubernetes does, so that a block keeps its last line feed
    text = "\n" + text
    chunks: list[Chunk] = []
    start, line, marker = 1, 1, ""
    cut = text.find("\n---")
    while cut >= 0:
        chunks.append(Chunk(text[start : cut + 1], line, marker))  # the line feed before `---` belongs to the document
        end = text.index("\n", cut + 1)
        line += text.count("\n", start, end + 1)
        start, marker = end + 1, text[cut + 4 : end].strip()
        cut = text.find("\n---", end)
    chunks.append(Chunk(text[start:], line, marker))
    return chunks

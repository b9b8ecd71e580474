"""How much a file may hold, so that no input can exhaust memory, time or the stack."""

from __future__ import annotations

from dataclasses import dataclass

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """`size` and `documents` hold for a file; `depth` and `nodes` hold for each document, with its aliases expanded."""

    size: int
    depth: int
    nodes: int
    documents: int


STRICT = Limits(size=MEBIBYTE, depth=100, nodes=50_000, documents=100)
LENIENT = Limits(size=32 * MEBIBYTE, depth=100, nodes=2_000_000, documents=200_000)

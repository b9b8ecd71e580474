"""Where a value or a key stands: looked up only when a finding needs it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from covey_core.findings import START, Position
from covey_core.pointers import split

from .chunks import documents_of

if TYPE_CHECKING:
    from covey_core.documents import Document

    from .chunks import Chunk
    from .places import Places


def position_of(document: Document, pointer: str) -> Position:
    """The position of the value at `pointer`, or of its nearest parent that exists."""
    places = _places_in(document)
    return places.value_at(split(pointer)) if places else START


def key_position_of(document: Document, pointer: str) -> Position:
    """The position of the last key of `pointer`; that of the value where it is an item of a list."""
    places = _places_in(document)
    return places.key_at(split(pointer)) if places else START


def _places_in(document: Document) -> Places | None:
    chunks = documents_of(document.text)
    return _places(chunks[document.index]) if document.index < len(chunks) else None


@lru_cache(maxsize=64)
def _places(chunk: Chunk) -> Places:
    from .places import Places  # noqa: PLC0415 - PyYAML takes time to start, and clean files never need it

    return Places(chunk)

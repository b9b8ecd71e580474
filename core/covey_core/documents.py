"""One YAML document as it was read, with the text that its positions refer to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Document:
    """A decoded document.

    `source` is the file as messages name it (posix path), `index` counts the documents of that file from 0, `value`
    is plain data (dict, list, str, int, float, bool, None), `text` is the whole file: positions are looked up in it
    only when a finding needs one (`covey_core.reading.position_of`).
    """

    source: str
    index: int
    value: Any = field(hash=False)
    text: str = field(repr=False, hash=False, compare=False)

"""The words of findings: places, values and lists as people write them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from .secret_patterns import holds_secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .problems import Path

_PLAIN = re.compile(r"[A-Za-z_$][A-Za-z0-9_-]*\Z")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
LONGEST = 60
_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


def clean(text: str, *, longest: int = LONGEST) -> str:
    """`text` cut to a line's length, with characters that a terminal might obey spelled out; never a secret."""
    if holds_secret(text):
        return "(hidden)"
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    return _CONTROL.sub(lambda match: f"\\u{ord(match.group()):04x}", cut)


def dotted(path: Path) -> str:
    """`spec.containers[0].image`; names that are no words stand in brackets and quotes."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN.match(part):
            text += f".{clean(part)}" if text else clean(part)
        else:
            text += f'["{clean(part)}"]'
    return text


def place(path: Path) -> str:
    """The place as the subject of a sentence."""
    return f"`{dotted(path)}`" if path else "The document"


def shown(value: Any) -> str:
    """A value inside a sentence; mappings and lists are only named."""
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if isinstance(value, str):
        return f'"{clean(value)}"' if value else "an empty string"
    return clean(json.dumps(value))


def type_name(name: str) -> str:
    return _TYPES.get(name, name)


def either(words: Iterable[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    return _joined(list(words), "or")


def both(words: Iterable[str]) -> str:
    return _joined(list(words), "and")


def ticked(names: Iterable[str]) -> list[str]:
    return [f"`{clean(name)}`" for name in names]


def amount(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _joined(words: Sequence[str], last: str) -> str:
    if len(words) < 2:  # noqa: PLR2004 - "two" needs no name here
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"

"""Canonical bytes of manifests: the YAML that is committed and the JSON that is hashed.

The YAML is written so that every reader (YAML 1.1 and 1.2, Go's, Python's, Rust's) sees the same values: whatever could
be read as something else is quoted. No library does that for all of them, so this small writer is ours.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

Manifest = dict[str, Any]

_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./@+-]*(?::[A-Za-z0-9_./@+-]+)*\Z")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity"})
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
_LITERAL = re.compile("[\x21-\x7e](?:[\x20-\x7e]|\n(?! *\n))*\\Z")
_SINGLE = re.compile('[ -~]*["\\\\][ -~]*\\Z')  # easier to read than a double-quoted text full of escapes
_FIRST = {"apiVersion": 0, "kind": 1, "metadata": 2, "name": 3}


def canonical_json(value: Any) -> bytes:
    """The one JSON text of `value` (sorted keys, no spaces, UTF-8); raises ValueError for NaN and infinity."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest(value: Any) -> str:
    """`sha256:<hex>` of the canonical JSON of `value`."""
    return digest_bytes(canonical_json(value))


def digest_bytes(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def to_yaml(value: Any) -> str:
    """`value` as one canonical block-style YAML document, without a document marker.

    Raises ValueError for NaN and infinity, TypeError for what JSON has no type for.
    """
    lines: list[str] = []
    if isinstance(value, Mapping) and value:
        _mapping(value, "", "", lines)
    elif isinstance(value, list | tuple) and value:
        _sequence(value, "", lines)
    else:
        lines.append(_scalar(value, ""))
    return "\n".join(lines) + "\n"


def _mapping(value: Mapping[str, Any], lead: str, indent: str, lines: list[str]) -> None:
    """Writes a mapping; `lead` stands before its first key, `indent` before the others."""
    for key in _sorted_keys(value):
        item = value[key]
        name = _text(key) + ":"
        if isinstance(item, Mapping) and item:
            lines.append(lead + name)
            _mapping(item, indent + "  ", indent + "  ", lines)
        elif isinstance(item, list | tuple) and item:
            lines.append(lead + name)
            _sequence(item, indent, lines)
        else:
            lines.append(f"{lead}{name} {_scalar(item, indent)}")
        lead = indent


def _sequence(value: Sequence[Any], indent: str, lines: list[str]) -> None:
    for item in value:
        if isinstance(item, Mapping) and item:
            _mapping(item, indent + "- ", indent + "  ", lines)
        elif isinstance(item, list | tuple) and item:
            nested: list[str] = []
            _sequence(item, indent + "  ", nested)
            nested[0] = indent + "- " + nested[0][len(indent) + 2 :]
            lines.extend(nested)
        else:
            lines.append(f"{indent}- {_scalar(item, indent)}")


def _sorted_keys(value: Mapping[str, Any]) -> list[str]:
    """Alphabetical, but what names a thing comes first."""
    keys = sorted(value)
    if not _FIRST.keys().isdisjoint(value):
        keys.sort(key=lambda key: _FIRST.get(key, len(_FIRST)))
    return keys


def _scalar(value: Any, indent: str) -> str:
    if isinstance(value, str):
        return _block(value, indent) if _is_block(value) else _text(value)
    if value is None or isinstance(value, bool | int | float):
        return _number(value)
    if isinstance(value, Mapping | list | tuple):  # empty ones; the others never come here
        return "{}" if isinstance(value, Mapping) else "[]"
    raise TypeError(f"A manifest can't hold a {type(value).__name__}.")


def _number(value: float | None) -> str:
    """Also null and the booleans; a float always has a point, or YAML 1.1 would read `1e-05` as a string."""
    text = json.dumps(value, allow_nan=False)
    if not isinstance(value, float) or "e" not in text or "." in text:
        return text
    return text.replace("e", ".0e")


def _is_block(value: str) -> bool:
    """Not with spaces at a line's end: editors and hooks take them away."""
    return "\n" in value and " \n" not in value and not value.endswith(" ") and bool(_LITERAL.match(value))


def _block(value: str, indent: str) -> str:
    """A literal block; only called for text that needs no escapes and does not begin with white space."""
    head = "|" if value.endswith("\n") else "|-"
    body = value.removesuffix("\n").split("\n")
    return head + "".join("\n" + (indent + "  " + line if line else "") for line in body)


@lru_cache(maxsize=16384)
def _text(value: str) -> str:
    if _PLAIN.match(value) and value.lower() not in _WORDS:
        return value
    if _SINGLE.match(value):
        return "'" + value.replace("'", "''") + "'"
    quoted = json.dumps(value, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match.group()):04x}", quoted)

"""Values of types that the engine does not have, as maps with a mark."""

from __future__ import annotations

from typing import Any

_MARK = "__covey_type__"


def marked(name: str, **parts: Any) -> dict[str, Any]:
    return {_MARK: name, **parts}


def mark_of(value: dict[str, Any]) -> str:
    """What a marked map is; raises ValueError for any other map."""
    found = value.get(_MARK)
    if not isinstance(found, str):
        raise ValueError("no such function for a map")  # noqa: TRY004 - to the rule's author it is a wrong value
    return found


def expect(value: dict[str, Any], name: str) -> dict[str, Any]:
    if mark_of(value) != name:
        raise ValueError(f"expected a {name}, found a {mark_of(value)}")
    return value


def optional(value: Any) -> dict[str, Any]:
    """An optional value, empty for None."""
    return marked("optional", values=[] if value is None else [value])

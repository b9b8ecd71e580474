"""Field by field: where two plain values differ. Items of a list are matched by what names them, not by place."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from covey_core import pointers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Absent(Enum):
    """The value of a field that is not there."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT
ORDER: Final = "[order]"
_KEYS = ("name", "cluster", "cidr", "key", "containerPort", "port", "mountPath")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field's old and new value; the part of a pointer that names a list's item is `[<key>=<value>]`."""

    pointer: str
    old: Any = field(hash=False)
    new: Any = field(hash=False)


def compare_values(old: Any, new: Any, *, at: str = "") -> Iterator[FieldChange]:
    """All differences, the fields in alphabetical order; none where both mean the same in JSON."""
    if old == new and repr(old) == repr(new):  # most of a tree; 1 equals True, but does not look like it
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for name in sorted({*old, *new}, key=str):
            yield from compare_values(old.get(name, ABSENT), new.get(name, ABSENT), at=at + pointers.pointer(name))
    elif isinstance(old, list) and isinstance(new, list):
        yield from _compare_lists(old, new, at)
    elif (inner := _embedded(old, new)) is not None:
        yield from compare_values(*inner, at=at)
    elif old != new or isinstance(old, bool) is not isinstance(new, bool):
        yield FieldChange(at, old, new)


def _compare_lists(old: list[Any], new: list[Any], at: str) -> Iterator[FieldChange]:
    name_of = _naming(old, new)
    if name_of is None:
        for index in range(max(len(old), len(new))):
            pair = (items[index] if index < len(items) else ABSENT for items in (old, new))
            yield from compare_values(*pair, at=f"{at}/{index}")
        return
    before, after = ({name_of(item): item for item in items} for items in (old, new))
    for name in [*before, *(name for name in after if name not in before)]:
        yield from compare_values(before.get(name, ABSENT), after.get(name, ABSENT), at=at + pointers.pointer(name))
    kept = [name for name in before if name in after]
    moved = [name for name in after if name in before]
    if kept != moved:
        yield FieldChange(at + pointers.pointer(ORDER), kept, moved)


def _embedded(old: Any, new: Any) -> tuple[Any, Any] | None:
    """Two JSON objects in text that hold different things, as annotations carry them."""
    if old == new or not all(isinstance(value, str) and value.startswith("{") for value in (old, new)):
        return None
    try:
        values = json.loads(old), json.loads(new)
    except (ValueError, RecursionError):
        return None
    return values if values[0] != values[1] else None


def _naming(old: list[Any], new: list[Any]) -> Callable[[Any], str] | None:
    """How to name the items of both lists, if there is a way in which no two of one list have the same name."""
    for name_of in (_scalar, *map(_by_key, _KEYS), _by_identity):
        if all(_are_unique([name_of(item) for item in items]) for items in (old, new)):
            return lambda item, name_of=name_of: str(name_of(item))  # type: ignore[misc]
    return None


def _are_unique(found: list[str | None]) -> bool:
    return None not in found and len(set(found)) == len(found)


def _scalar(item: Any) -> str | None:
    return None if isinstance(item, dict | list) else f"[{item}]"


def _by_key(key: str) -> Callable[[Any], str | None]:
    def name_of(item: Any) -> str | None:
        value = item.get(key) if isinstance(item, dict) else None
        return f"[{key}={value}]" if isinstance(value, str | int) else None

    return name_of


def _by_identity(item: Any) -> str | None:
    """A Kubernetes object inside another, as ManifestWorks and Policies carry them."""
    metadata = item.get("metadata") if isinstance(item, dict) else None
    if not isinstance(metadata, dict) or "name" not in metadata:
        return None
    return f"[{item.get('kind', '')} {metadata['name']}]"

"""One rendered object before and after; what only says who rendered it, and from what, has no effect."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from covey_core import names, pointers
from covey_core.diff.fields import ABSENT, FieldChange, compare_values

if TYPE_CHECKING:
    from collections.abc import Mapping

_STAMPS: Final = frozenset(
    {
        names.ANNOTATION_FILES,
        names.ANNOTATION_INPUTS,
        names.ANNOTATION_OBJECT,
        names.ANNOTATION_RENDERER,
        names.ANNOTATION_SPEC,
        names.ANNOTATION_TEMPLATE,
    },
)
_DIGESTS: Final = (("spec", "covey", "inputsDigest"), ("spec", "covey", "templates"))
_LEARNING: Final = "FederatedLearning"


class Action(StrEnum):
    """What happens to an object; `stamped` is a change without effect."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    STAMPED = "stamped"


@dataclass(frozen=True, slots=True)
class ObjectChange:
    """`fields` are the changes that have an effect; an object that comes or goes has none listed."""

    path: str
    kind: str
    name: str
    namespace: str
    action: Action
    fields: tuple[FieldChange, ...] = ()


def compare_object(path: str, old: Any, new: Any) -> ObjectChange | None:
    """None where both are the same; either may be ABSENT."""
    if old is ABSENT or new is ABSENT:
        action = Action.ADDED if old is ABSENT else Action.REMOVED
        return _change(path, new if old is ABSENT else old, action)
    fields = tuple(compare_values(old, new))
    if not fields:
        return None
    kind = new.get("kind") if isinstance(new, dict) else ""
    effective = tuple(one for one in fields if not _is_stamp(one.pointer, learning=kind == _LEARNING))
    return _change(path, new, Action.CHANGED if effective else Action.STAMPED, effective)


def renderer(value: Any) -> str:
    """The version that rendered the object, as it says itself."""
    return str(part(value, "metadata", "annotations", names.ANNOTATION_RENDERER) or "")


def part(value: Any, *path: str) -> Any:
    """What stands at `path`, or None; files that others wrote may have any shape."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def mapping(value: Any, *path: str) -> Mapping[str, Any]:
    found = part(value, *path)
    return found if isinstance(found, dict) else {}


def items(value: Any, *path: str) -> list[dict[str, Any]]:
    """The mappings in the list at `path`."""
    found = part(value, *path)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _change(path: str, value: Any, action: Action, fields: tuple[FieldChange, ...] = ()) -> ObjectChange:
    metadata = mapping(value, "metadata")
    name, namespace = (str(metadata.get(key, "")) for key in ("name", "namespace"))
    return ObjectChange(path, str(part(value, "kind") or ""), name, namespace, action, fields)


def _is_stamp(pointer: str, *, learning: bool) -> bool:
    """Digests follow from what else stands in the same tree, so that their change is never the whole story."""
    parts = pointers.split(pointer)
    if parts[-2:-1] == ("annotations",) and parts[-1] in _STAMPS:
        return True
    return learning and any(parts[: len(digest)] == digest for digest in _DIGESTS)

"""Who else writes into objects that Covey has rendered: Argo CD and they would fight for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from covey_cli.diagnosis import Check
from covey_cli.output import count
from covey_core.names import ANNOTATION_OBJECT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .state import Plain

_SHOWN: Final = 3
_ADVICE: Final = "Undo it or write it into Git; `kubectl get KIND NAME -o yaml --show-managed-fields` shows the fields."


def owners(objects: Iterable[Plain]) -> Check:
    """Whoever wrote our digest applies the files; of anybody else no part of the content may be."""
    objects = list(objects)
    found = [told for value in objects for told in _foreign(value)]
    if not found:
        return Check("owners", "ok", f"{count(len(objects), 'rendered object')}, and nobody else writes into them")
    rest = len(found) - _SHOWN
    more = f" and {rest} more" if rest > 0 else ""
    return Check("owners", "optional", f"others write into {'; '.join(found[:_SHOWN])}{more}", _ADVICE)


def _foreign(value: Plain) -> Iterator[str]:
    entries = [entry for entry in value["metadata"].get("managedFields") or () if not entry.get("subresource")]
    appliers = {entry.get("manager") for entry in entries if _has_digest(entry)}
    for entry in entries:
        parts = _parts(entry)
        if appliers and entry.get("manager") not in appliers and parts:
            metadata = value["metadata"]
            place = f"{metadata['namespace']}/" if metadata.get("namespace") else ""
            yield f"{value['kind']} {place}{metadata['name']} ({entry.get('manager')}: {', '.join(parts)})"


def _fields(entry: Plain) -> dict[str, Any]:
    return entry.get("fieldsV1") or {}


def _has_digest(entry: Plain) -> bool:
    annotations = _fields(entry).get("f:metadata", {}).get("f:annotations", {})
    return f"f:{ANNOTATION_OBJECT}" in annotations


def _parts(entry: Plain) -> list[str]:
    """The content that somebody owns; status, finalizers and further annotations are everybody's."""
    return sorted(name.removeprefix("f:") for name in _fields(entry) if name not in {"f:metadata", "f:status"})

"""Fields that server-side apply leaves to the spoke, named by JSONPath or by JSON pointer."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from controlplane.ocm.standin.workagent_paths import find

if TYPE_CHECKING:
    from controlplane.ocm.api import Object

DIGEST = "open-cluster-management.io/config-spec-hash"


class IgnoreFieldError(Exception):
    """A field that can't be left out."""


def left_out(manifest: Object, fields: list[Object]) -> Object:
    """A copy without them; those that are ignored only when the spoke changes them stay."""
    rest = deepcopy(manifest)
    for field in fields:
        if field["condition"] == "OnSpokeChange":
            continue
        for path in field.get("jsonPaths", []):
            inside, _, key = path.rpartition(".")
            for parent in find(rest, inside):
                if isinstance(parent, dict):
                    parent.pop(key, None)
        for pointer in field.get("jsonPointers", []):
            _remove(rest, pointer)
        if field.get("jqPathExpressions"):
            raise IgnoreFieldError("the stand-in for OCM knows no jq; name the fields by jsonPaths or jsonPointers")
    return rest


def _remove(one: Any, pointer: str) -> None:
    """What is not there is left out already."""
    *inside, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    for part in inside:
        one = _step(one, part)
    if isinstance(one, dict):
        one.pop(last, None)
    elif isinstance(one, list) and last.isdigit() and int(last) < len(one):
        del one[int(last)]


def _step(one: Any, part: str) -> Any:
    if isinstance(one, list) and part.isdigit() and int(part) < len(one):
        return one[int(part)]
    return one.get(part) if isinstance(one, dict) else None

"""Kubernetes' JSONPath, as far as feedback uses it: fields, indices, `[*]`, and filters by one equality."""

from __future__ import annotations

import re
from typing import Any

_STEP = re.compile(
    r"""\.(?P<field>(?:[^.\[\]\\]|\\.)+)
      | \[(?P<index>-?\d+)\]
      | \[(?P<all>\*)\]
      | \[(?P<quote>['"])(?P<key>.*?)(?P=quote)\]
      | \[\?\(\s*@\.(?P<left>[\w.]+)\s*==\s*(?P<mark>['"])(?P<right>.*?)(?P=mark)\s*\)\]""",
    re.VERBOSE,
)


class PathError(ValueError):
    """Not a path that can be read."""


def find(one: Any, path: str) -> list[Any]:
    """All values; a missing key is no value. An empty path is the whole."""
    found, at = [one], 0
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            raise PathError(f"unrecognized character in action: {path[at:]!r}")
        found = [value for parent in found for value in _values(parent, step)]
        at = step.end()
    return found


def _values(parent: Any, step: re.Match[str]) -> list[Any]:
    if step["all"]:
        return list(parent.values()) if isinstance(parent, dict) else list(parent if isinstance(parent, list) else [])
    if step["index"] is not None:
        index = int(step["index"])
        return [parent[index]] if isinstance(parent, list) and -len(parent) <= index < len(parent) else []
    if step["left"] is not None:
        inside = parent if isinstance(parent, list) else []
        return [child for child in inside if step["right"] in find(child, f".{step['left']}")]
    key = step["key"] if step["key"] is not None else step["field"].replace("\\", "")
    return [parent[key]] if isinstance(parent, dict) and key in parent else []

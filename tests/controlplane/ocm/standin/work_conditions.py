"""Conditions as Kubernetes' libraries keep them: their time is that of the last change of status."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

Object = dict[str, Any]


def condition(kind: str, status: bool | str, reason: str, message: str = "", *, generation: int = 0) -> Object:
    word = status if isinstance(status, str) else str(status)
    made = {"type": kind, "status": word, "reason": reason, "message": message}
    return made | ({"observedGeneration": generation} if generation else {})


def put(conditions: list[Object], new: Object) -> None:
    """Adds it, or renews the one of its type in place."""
    old = find(conditions, new["type"])
    if old is None:
        conditions.append({"lastTransitionTime": now(), **new})
        return
    if old["status"] != new["status"]:
        old["lastTransitionTime"] = now()
    old.pop("observedGeneration", None)
    old.update(new)


def drop(conditions: list[Object], kind: str) -> None:
    conditions[:] = [one for one in conditions if one["type"] != kind]


def find(conditions: list[Object], kind: str) -> Object | None:
    return next((one for one in conditions if one["type"] == kind), None)


def is_true(conditions: list[Object], kind: str) -> bool:
    found = find(conditions, kind)
    return found is not None and found["status"] == "True"


def of(one: Object) -> list[Object]:
    """Those of an object, to be read."""
    found: list[Object] = one.get("status", {}).get("conditions", [])
    return found


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

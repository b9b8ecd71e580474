"""What a replica set's status says of its works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controlplane.ocm.standin import work_conditions as conditions
from controlplane.ocm.standin.replicasets_works import PLACED_BY, is_current

if TYPE_CHECKING:
    from controlplane.ocm.api import Object

_GOOD = "AsExpected"
_COUNTED = {"applied": "Applied", "available": "Available", "progressing": "Progressing", "degraded": "Degraded"}


def verified(reason: str) -> Object:
    return conditions.condition("PlacementVerified", reason == _GOOD, reason)


def applied(reason: str, message: str = "") -> Object:
    return conditions.condition("ManifestworkApplied", reason == _GOOD, reason, message)


def summary(placement: Object, existing: int) -> Object:
    """Of one Placement; `existing` works carry the template."""
    status = placement.get("status", {})
    groups, selected = len(status.get("decisionGroups", [])), status.get("numberOfSelectedClusters", 0)
    return {
        "name": placement["metadata"]["name"],
        "availableDecisionGroups": f"{groups} ({existing} / {selected} clusters applied)",
        "summary": {"total": existing},
    }


def tell_rollout(status: Object, summaries: list[Object], *, done: bool) -> None:
    total = sum(one["summary"]["total"] for one in summaries)
    status["placementSummary"] = summaries
    status["summary"] = {"total": total} if total else {}
    conditions.put(status["conditions"], verified(_GOOD if total else "PlacementDecisionEmpty"))
    reason = "Complete" if done else "Progressing"
    conditions.put(status["conditions"], conditions.condition("PlacementRolledOut", done, reason))


def count(status: Object, one: Object, works: list[Object]) -> None:
    """How many are applied and so on; works of an older template and those that are going do not count."""
    if not status["summary"].get("total"):
        conditions.put(status["conditions"], applied("PlacementDecisionEmpty"))
        return
    for part in status["placementSummary"]:
        mine = [work for work in works if work["metadata"]["labels"].get(PLACED_BY) == part["name"]]
        counted = [work for work in mine if "deletionTimestamp" not in work["metadata"] and is_current(work, one)]
        for name, kind in _COUNTED.items():
            part["summary"][name] = sum(conditions.is_true(conditions.of(work), kind) for work in counted)
    whole = {name: sum(part["summary"][name] for part in status["placementSummary"]) for name in _COUNTED}
    status["summary"] |= {name: number for name, number in whole.items() if number}
    conditions.put(status["conditions"], applied(_reason(whole, status["summary"]["total"])))


def _reason(whole: dict[str, int], total: int) -> str:
    if whole["available"] == total and not whole["progressing"] and not whole["degraded"]:
        return _GOOD
    return "Processing" if whole["progressing"] and not whole["degraded"] else "NotAsExpected"

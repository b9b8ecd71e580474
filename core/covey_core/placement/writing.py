"""What OCM writes about an outcome: the Placement's status and its PlacementDecisions, as plain objects."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

from .world import GROUP, PLACEMENT_LABEL

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from .outcome import Condition, Outcome

API_VERSION: Final = f"{GROUP}/v1beta1"
Plain = dict[str, Any]


def status(outcome: Outcome, *, now: datetime, previous: Mapping[str, Any] | None = None) -> Plain:
    """The Placement's status; a condition whose status is as in `previous` keeps its time."""
    before = {one["type"]: one for one in (previous or {}).get("conditions") or []}
    written: Plain = {
        **(previous or {}),
        "conditions": [
            *(_condition(one, now, before.pop(one.type, {})) for one in outcome.conditions),
            *before.values(),
        ],
        "decisionGroups": [
            {
                "decisionGroupIndex": group.index,
                "decisionGroupName": group.name,
                "decisions": [name for name, _ in group.slices],
                "clusterCount": group.count,
            }
            for group in outcome.groups
        ],
        "numberOfSelectedClusters": len(outcome.chosen),
    }
    if not outcome.chosen:
        del written["numberOfSelectedClusters"]  # OCM leaves a zero out
    return written


def decision_objects(outcome: Outcome) -> list[Plain]:
    """The PlacementDecisions with their status; any other one with the Placement's label is to be deleted."""
    return [
        {
            "apiVersion": API_VERSION,
            "kind": "PlacementDecision",
            "metadata": {
                "name": name,
                "namespace": outcome.placement.namespace,
                "labels": {
                    PLACEMENT_LABEL: outcome.placement.name,
                    f"{GROUP}/decision-group-name": group.name,
                    f"{GROUP}/decision-group-index": str(group.index),
                },
                "ownerReferences": [_owner(outcome)],
            },
            "status": {"decisions": [{"clusterName": cluster, "reason": ""} for cluster in clusters]},
        }
        for group in outcome.groups
        for name, clusters in group.slices
    ]


def _owner(outcome: Outcome) -> Plain:
    return {
        "apiVersion": API_VERSION,
        "kind": "Placement",
        "name": outcome.placement.name,
        "uid": outcome.placement.uid,
        "controller": True,
        "blockOwnerDeletion": True,
    }


def _condition(one: Condition, now: datetime, before: Mapping[str, Any]) -> Plain:
    changed = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    time = before.get("lastTransitionTime", changed) if before.get("status") == one.status else changed
    return {
        "type": one.type,
        "status": one.status,
        "reason": one.reason,
        "message": one.message,
        "lastTransitionTime": time,
    }

"""The works that a replica set makes, and when one is as the set wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from controlplane.ocm.kinds import WORK, WORKS

if TYPE_CHECKING:
    from controlplane.ocm.api import Object

OWNER = f"{WORKS}/manifestworkreplicaset"
PLACED_BY = f"{WORKS}/placementname"
_COMPARED = ("labels", "annotations", "ownerReferences")


def key_of(one: Object) -> str:
    """What the label of its works says."""
    return f"{one['metadata']['namespace']}.{one['metadata']['name']}"


def built(one: Object, cluster: str, placement: str) -> Object:
    """Named after the set, with five letters that the API server adds."""
    labels = {**one["metadata"].get("labels", {}), OWNER: key_of(one), PLACED_BY: placement}
    metadata = {"namespace": cluster, "generateName": one["metadata"]["name"], "labels": labels}
    what = {"apiVersion": WORK.group_version, "kind": WORK.kind}
    return {**what, "metadata": metadata, "spec": one["spec"]["manifestWorkTemplate"]}


def is_current(work: Object, one: Object) -> bool:
    return _plain(work["spec"]) == _plain(one["spec"]["manifestWorkTemplate"])


def replaced(had: Object, wanted: Object) -> Object | None:
    """What to write over a work; None when it is right. Whatever others have put on it is taken off."""
    same = all((had["metadata"].get(part) or None) == (wanted["metadata"].get(part) or None) for part in _COMPARED)
    if same and _plain(had["spec"]) == _plain(wanted["spec"]):
        return None
    kept = {part: value for part, value in had["metadata"].items() if part not in _COMPARED}
    return {**had, "metadata": {**kept, "labels": wanted["metadata"]["labels"]}, "spec": wanted["spec"]}


def _plain(spec: Object) -> Any:
    """Manifests as they are, all else without empty values, which some writers spell out."""
    rest = {name: _without_empty(value) for name, value in spec.items() if name != "workload"}
    return {name: value for name, value in rest.items() if value} | {"workload": spec.get("workload")}


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        inside = {name: _without_empty(child) for name, child in value.items()}
        return {name: child for name, child in inside.items() if child not in (None, "", {}, [])}
    return [_without_empty(child) for child in value] if isinstance(value, list) else value

"""OCM's admission of ManagedClusters and of bindings: set label, times of taints, and who may accept, join and bind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controlplane.ocm.kinds import CLUSTERS, NAMESPACE, OCM
from controlplane.ocm.standin import work_conditions as conditions
from controlplane.ocm.standin.registration_approval import may
from controlplane.ocm.standin.webhooks_refusal import Refusal, forbidden

if TYPE_CHECKING:
    from controlplane.ocm.api import Api, Object

_SET = f"{CLUSTERS}/clusterset"


def mutate(request: Object, _api: Api) -> list[Object]:
    """Every cluster is in a set; OCM alone says since when a taint is there."""
    new, old = request["object"], request.get("oldObject")
    patch: list[Object] = []
    taints = (new.get("spec") or {}).get("taints") or []
    timed = [_timed(taint, _taint(old, taint["key"]), created=old is None) for taint in taints]
    if refused := [taint["key"] for taint, one in zip(taints, timed, strict=True) if one is None]:
        raise Refusal(f'It is not allowed to set TimeAdded of Taint "{",".join(refused)}".')
    if timed != taints:
        patch.append({"op": "replace", "path": "/spec/taints", "value": timed})
    labels = new["metadata"].get("labels") or {}
    if not labels.get(_SET):
        patch.append({"op": "add", "path": "/metadata/labels", "value": {**labels, _SET: "default"}})
    return patch


def validate(request: Object, api: Api) -> list[Object]:
    new, old = request["object"], request.get("oldObject") or {}
    name = new["metadata"]["name"]
    accepts = (new.get("spec") or {}).get("hubAcceptsClient", False)
    if accepts and not (old.get("spec") or {}).get("hubAcceptsClient", False):
        _check_acceptance(name, request["userInfo"], api)
    before, after = (((one.get("metadata") or {}).get("labels") or {}).get(_SET, "") for one in (old, new))
    for each in (before, after) if before != after else ():
        attributes = {"group": CLUSTERS, "resource": "managedclustersets", "subresource": "join", "verb": "create"}
        if each and not may(api, request["userInfo"], attributes | {"name": each}):
            user = request["userInfo"]["username"]
            said = f'user "{user}" cannot add/remove a ManagedCluster to/from ManagedClusterSet "{each}"'
            raise forbidden("managedclustersets/join", each, said)
    return []


def validate_binding(request: Object, api: Api) -> list[Object]:
    new = request["object"]
    wanted = new["spec"]["clusterSet"]
    if new["metadata"]["name"] != wanted:
        raise Refusal("The ManagedClusterSetBinding must have the same name as the target ManagedClusterSet")
    attributes = {"group": CLUSTERS, "resource": "managedclustersets", "subresource": "bind", "verb": "create"}
    if request["operation"] == "CREATE" and not may(api, request["userInfo"], attributes | {"name": wanted}):
        user = request["userInfo"]["username"]
        raise forbidden(
            "managedclustersets/bind", wanted, f'user "{user}" is not allowed to bind cluster set "{wanted}"'
        )
    return []


def _check_acceptance(name: str, user: Object, api: Api) -> None:
    namespace = api.get(NAMESPACE, name) or {}
    if namespace.get("status", {}).get("phase") == "Terminating":
        raise forbidden("managedclusters/accept", name, f'cluster namespace "{name}" is terminating')
    attributes = {"group": f"register.{OCM}", "resource": "managedclusters", "subresource": "accept", "verb": "update"}
    if not may(api, user, attributes | {"name": name}):
        said = f'user "{user["username"]}" cannot update the HubAcceptsClient field'
        raise forbidden("managedclusters/accept", name, said)


def _taint(cluster: Object | None, key: str) -> Object | None:
    taints = ((cluster or {}).get("spec") or {}).get("taints") or []
    return next((one for one in taints if one["key"] == key), None)


def _timed(taint: Object, before: Object | None, *, created: bool) -> Object | None:
    """None where somebody has set the time himself."""
    if before and all(before.get(part) == taint.get(part) for part in ("value", "effect")):
        return taint if before.get("timeAdded") == taint.get("timeAdded") else None
    if taint.get("timeAdded") and not created:
        return None
    return {**taint, "timeAdded": conditions.now()}

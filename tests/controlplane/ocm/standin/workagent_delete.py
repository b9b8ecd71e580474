"""Taking back what a work has brought: an object goes with the last work that owns it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controlplane.ocm.api import Object, Refused
from controlplane.ocm.standin import workagent_owners as owners
from controlplane.ocm.standin.work_kinds import by_resource

if TYPE_CHECKING:
    from controlplane.ocm.api import Api
    from controlplane.rest import Kind

_GONE = {404, 409}  # or another object has its name by now


def take_back(spoke: Api, resources: list[Object], owner: Object) -> tuple[list[Object], list[Exception]]:
    """Those that are still going, and what went wrong."""
    pending: list[Object] = []
    errors: list[Exception] = []
    for resource in resources:
        try:
            if _take_back(spoke, resource, owner):
                pending.append(resource)
        except Refused as refused:
            errors.append(refused)
    return pending, errors


def _take_back(spoke: Api, resource: Object, owner: Object) -> bool:
    namespace = resource.get("namespace", "")
    kind = by_resource(resource.get("group", ""), resource["version"], resource["resource"], namespace=namespace)
    one = spoke.get(kind, resource["name"], namespace)
    if one is None or not owners.is_owned(one, owner):
        return False
    if owners.others(one, owner):
        owners.note(spoke, kind, one, owners.leaving(owner))
        return False
    if one["metadata"]["uid"] != resource["uid"]:
        return False
    return bool(one["metadata"].get("deletionTimestamp")) or _delete(spoke, kind, one)


def _delete(spoke: Api, kind: Kind, one: Object) -> bool:
    body = {"propagationPolicy": "Background", "preconditions": {"uid": one["metadata"]["uid"]}}
    try:
        spoke.ask("DELETE", kind.of(one["metadata"]), body)
    except Refused as refused:
        if refused.code not in _GONE:
            raise
        return False
    return True

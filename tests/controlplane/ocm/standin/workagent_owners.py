"""Owner references: by them a work knows its objects on the spoke, and shares them with other works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from controlplane.ocm.kinds import APPLIED_WORK

if TYPE_CHECKING:
    from controlplane.ocm.api import Api, Object
    from controlplane.rest import Kind

_REMOVE = "-"  # after a UID: this owner is to go, as kubectl does with labels


def owner_of(applied: Object) -> Object:
    """Several works may own an object, so it is no controller reference."""
    metadata = applied["metadata"]
    what = {"apiVersion": APPLIED_WORK.group_version, "kind": APPLIED_WORK.kind}
    return {**what, "name": metadata["name"], "uid": metadata["uid"]}


def leaving(owner: Object) -> Object:
    return {**owner, "uid": owner["uid"] + _REMOVE}


def merged(existing: list[Object], owner: Object) -> list[Object]:
    """With the owner, or without it when it is leaving."""
    others = [one for one in existing if not _same(one, owner)]
    if owner["uid"].endswith(_REMOVE):
        return others
    return existing if owner in existing else [*others, owner]


def note(api: Api, kind: Kind, one: Object, owner: Object) -> None:
    """Writes it into an object's owner references, if it is not as it should be."""
    metadata = one["metadata"]
    had = metadata.get("ownerReferences", [])
    wanted = merged(had, owner)
    if wanted != had:
        said = {"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"], "ownerReferences": wanted}
        api.patch(kind, metadata["name"], {"metadata": said}, namespace=metadata.get("namespace", ""))


def is_owned(one: Object, owner: Object) -> bool:
    return any(known["uid"] == owner["uid"] for known in owners(one))


def others(one: Object, owner: Object) -> list[Object]:
    """The other works that own it."""
    return [
        known
        for known in owners(one)
        if known["kind"] == owner["kind"]
        and known["apiVersion"] == owner["apiVersion"]
        and known["uid"] != owner["uid"]
    ]


def owners(one: Object) -> list[Object]:
    found: list[Object] = one["metadata"].get("ownerReferences", [])
    return found


def keeps(option: Any, group: str, resource: str, namespace: str, name: str) -> bool:
    """Whether a work owns an object, by its delete option."""
    policy = (option or {}).get("propagationPolicy", "Foreground")
    if policy != "SelectivelyOrphan":
        return bool(policy != "Orphan")
    rules = (option.get("selectivelyOrphans") or {}).get("orphaningRules", [])
    asked = (group, resource, namespace, name)
    return all(
        tuple(rule.get(part, "") for part in ("group", "resource", "namespace", "name")) != asked for rule in rules
    )


def _same(one: Object, other: Object) -> bool:
    return all(one.get(part) == other.get(part) for part in ("kind", "name")) and (
        one["apiVersion"].partition("/")[0] == other["apiVersion"].partition("/")[0]
    )

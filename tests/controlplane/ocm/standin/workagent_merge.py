"""What the strategy Update writes over an object that is there: of some kinds only parts, of all others everything."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from controlplane.ocm.standin import workagent_owners as owners
from controlplane.ocm.standin.work_kinds import group_of

if TYPE_CHECKING:
    from controlplane.ocm.api import Object

_HASHED = "operator.openshift.io/spec-hash"  # the library that OCM applies with leaves it on what it compares by it
_RBAC = "rbac.authorization.k8s.io"
_PARTS: dict[tuple[str, str], tuple[str, ...]] = {
    ("", "Namespace"): (),
    ("", "Pod"): (),
    ("", "ServiceAccount"): (),
    ("", "ConfigMap"): ("data", "binaryData"),
    ("", "Secret"): ("data",),
    ("", "Service"): ("spec",),
    ("networking.k8s.io", "NetworkPolicy"): ("spec",),
    ("apiextensions.k8s.io", "CustomResourceDefinition"): ("spec",),
    (_RBAC, "ClusterRole"): ("rules", "aggregationRule"),
    (_RBAC, "Role"): ("rules",),
    (_RBAC, "ClusterRoleBinding"): ("subjects", "roleRef"),
    (_RBAC, "RoleBinding"): ("subjects", "roleRef"),
}
_BY_HASH = {("", "Service"), ("networking.k8s.io", "NetworkPolicy")}


def created(manifest: Object) -> Object:
    """A new object; keys with a trailing dash mean removal, so they are not written."""
    manifest = _hashed(deepcopy(manifest))
    metadata = manifest["metadata"]
    for part in ("labels", "annotations"):
        if part in metadata:
            metadata[part] = {key: value for key, value in (metadata[part] or {}).items() if not key.endswith("-")}
    metadata["ownerReferences"] = [one for one in metadata.get("ownerReferences", []) if not one["uid"].endswith("-")]
    return manifest


def merged(existing: Object, manifest: Object, owner: Object) -> Object | None:
    """What to write; None when nothing would change."""
    manifest = _hashed(manifest)
    metadata, changed = _metadata(existing["metadata"], manifest["metadata"], owner)
    parts = _PARTS.get(_type(manifest))
    if parts is None:
        same = _rest(existing) == _rest(manifest)
        return None if same and not changed else {**manifest, "metadata": metadata}
    wanted = {**existing, "metadata": metadata}
    manifest = _encoded(manifest)
    for part in parts:
        if _type(manifest) in _BY_HASH and not changed:
            continue
        changed = changed or (existing.get(part) or None) != (manifest.get(part) or None)
        wanted[part] = manifest.get(part)
    return {name: value for name, value in wanted.items() if value is not None} if changed else None


def _metadata(existing: Object, manifest: Object, owner: Object) -> tuple[Object, bool]:
    """That of the object, with what the manifest adds; finalizers stay the spoke's."""
    wanted = dict(existing)
    for part in ("labels", "annotations"):
        if manifest.get(part):
            wanted[part] = _keys(existing.get(part) or {}, manifest[part])
    wanted["ownerReferences"] = owners.merged(existing.get("ownerReferences", []), owner)
    compared = ("labels", "annotations", "ownerReferences")
    return wanted, any((wanted.get(part) or None) != (existing.get(part) or None) for part in compared)


def _keys(existing: dict[str, str], said: dict[str, str]) -> dict[str, str]:
    kept = {key: value for key, value in existing.items() if f"{key}-" not in said}
    return kept | {key: value for key, value in said.items() if not key.endswith("-")}


def _hashed(manifest: Object) -> Object:
    if _type(manifest) not in _BY_HASH:
        return manifest
    digest = hashlib.sha256(json.dumps(manifest.get("spec"), sort_keys=True).encode()).hexdigest()
    annotations = {**(manifest["metadata"].get("annotations") or {}), _HASHED: digest}
    return {**manifest, "metadata": {**manifest["metadata"], "annotations": annotations}}


def _encoded(manifest: Object) -> Object:
    if manifest["kind"] != "Secret" or not manifest.get("stringData"):
        return manifest
    texts = {key: b64encode(value.encode()).decode() for key, value in manifest["stringData"].items()}
    return {**manifest, "data": {**(manifest.get("data") or {}), **texts}}


def _rest(one: Object) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name not in {"metadata", "status"}}


def _type(one: Object) -> tuple[str, str]:
    return group_of(one["apiVersion"]), one["kind"]

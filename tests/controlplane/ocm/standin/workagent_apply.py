"""How a manifest gets to a spoke: Update (the default), CreateOnly, ServerSideApply, ReadOnly."""

from __future__ import annotations

import hashlib
import json
from copy import deepcopy
from typing import TYPE_CHECKING

from controlplane.ocm.api import Object, Refused
from controlplane.ocm.standin import workagent_owners as owners
from controlplane.ocm.standin.workagent_ignore import DIGEST, left_out
from controlplane.ocm.standin.workagent_merge import created, merged

if TYPE_CHECKING:
    from controlplane.ocm.api import Api
    from controlplane.rest import Kind

MANAGER = "work-agent"
_CONFLICT = 409


class ApplyConflictError(Exception):
    """Another manager has a field; trying again would not help."""


class Applier:
    """Writes as the agent. `_seen`: what was applied last, and what came of it: doing the same again is no write."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._seen: dict[tuple[Kind, str, str], tuple[str, str]] = {}

    def apply(self, kind: Kind, manifest: Object, owner: Object, strategy: Object) -> Object:
        """The object as it is then."""
        metadata = manifest["metadata"]
        if kind.namespaced and not metadata.get("namespace"):
            raise ValueError("the server does not allow this method on the requested resource")
        manifest = deepcopy(manifest)
        how = strategy.get("type", "Update")
        if how == "ReadOnly":
            return manifest
        if how == "CreateOnly":
            return self._create_only(kind, manifest, owner)
        if how == "ServerSideApply":
            return self._server_side(kind, manifest, owner, strategy.get("serverSideApply") or {})
        return self._update(kind, manifest, owner)

    def _update(self, kind: Kind, manifest: Object, owner: Object) -> Object:
        manifest["metadata"]["ownerReferences"] = [owner]
        key = (kind, manifest["metadata"].get("namespace", ""), manifest["metadata"]["name"])
        digest = _digest(manifest)
        existing = self._get(kind, manifest)
        if existing is None:
            actual = self._api.create(kind, created(manifest))
        elif self._seen.get(key) == (digest, existing["metadata"]["resourceVersion"]):
            return existing
        else:
            wanted = merged(existing, manifest, owner)
            actual = existing if wanted is None else self._api.update(kind, wanted)
        self._seen[key] = (digest, actual["metadata"]["resourceVersion"])
        return actual

    def _create_only(self, kind: Kind, manifest: Object, owner: Object) -> Object:
        existing = self._get(kind, manifest)
        if existing is None:
            manifest["metadata"]["ownerReferences"] = [owner]
            existing = self._api.create(kind, created(manifest))
        owners.note(self._api, kind, existing, owner)
        return existing

    def _server_side(self, kind: Kind, manifest: Object, owner: Object, said: Object) -> Object:
        """With fields to ignore, an object that carries the digest of the rest is left as it is."""
        if manifest["metadata"].get("creationTimestamp", "") is None:
            del manifest["metadata"]["creationTimestamp"]
        fields = said.get("ignoreFields", [])
        if fields:
            existing = self._get(kind, manifest)
            rest = left_out(manifest, fields)
            digest = _digest(rest)
            for one in (manifest, rest):
                one["metadata"].setdefault("annotations", {})[DIGEST] = digest
            if existing is not None:
                if existing["metadata"].get("annotations", {}).get(DIGEST) == digest:
                    owners.note(self._api, kind, existing, owner)
                    return existing
                manifest = rest
        try:
            manager = said.get("fieldManager") or MANAGER
            actual = self._api.apply(kind, manifest, manager=manager, force=bool(said.get("force")))
        except Refused as refused:
            if refused.code == _CONFLICT:
                raise ApplyConflictError(str(refused)) from refused
            raise
        owners.note(self._api, kind, actual, owner)
        return actual

    def _get(self, kind: Kind, manifest: Object) -> Object | None:
        return self._api.get(kind, manifest["metadata"]["name"], manifest["metadata"].get("namespace", ""))


def _digest(one: Object) -> str:
    return hashlib.sha256(json.dumps(one, sort_keys=True).encode()).hexdigest()

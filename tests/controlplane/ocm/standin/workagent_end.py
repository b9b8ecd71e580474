"""The end of a work: its objects leave the spoke first, then what the agent kept of it, then the work itself."""

from __future__ import annotations

import time
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from controlplane.ocm.kinds import APPLIED_WORK, WORK
from controlplane.ocm.standin import work_conditions as conditions
from controlplane.ocm.standin import workagent_owners as owners
from controlplane.ocm.standin.loop import each
from controlplane.ocm.standin.workagent_delete import take_back

if TYPE_CHECKING:
    from controlplane.ocm.api import Object
    from controlplane.ocm.standin.loop import Kept

_PENDING = 0.1
_EVICTED_AFTER = 3600.0
_EVICTION = "evictionStartTime"


@dataclass
class Ender:
    """Of one cluster's agent, which knows its own by the hash of its hub."""

    hub_hash: str
    works: Kept
    applied: Kept

    def act(self) -> float | None:
        each([one for one in self.works.all() if "deletionTimestamp" in one["metadata"]], self._end_work)
        mine = [one for one in self.applied.all() if one["spec"].get("agentID") == self.hub_hash]
        return min([wait for wait in each(mine, self._look_at) if wait], default=None)

    def _look_at(self, applied: Object) -> float | None:
        """Seconds until it is looked at again."""
        return self._end(applied) if "deletionTimestamp" in applied["metadata"] else self._evict(applied)

    def _end_work(self, work: Object) -> None:
        name = work["metadata"]["name"]
        applied = self.applied.get(f"{self.hub_hash}-{name}")
        if applied is None:
            self._release(self.works, work)
        elif "deletionTimestamp" not in applied["metadata"]:
            self._say_deleting(work)
            self.applied.api.delete(APPLIED_WORK, applied["metadata"]["name"])

    def _say_deleting(self, work: Object) -> None:
        status = deepcopy(work.get("status") or {})
        said = ("WorkDeleting", "ManifestWork is being deleted")
        made = conditions.condition("Deleting", "True", *said, generation=work["metadata"]["generation"])
        conditions.put(status.setdefault("conditions", []), made)
        change = {"metadata": {"resourceVersion": work["metadata"]["resourceVersion"]}, "status": status}
        self.works.api.patch(WORK, work["metadata"]["name"], change, namespace=self.works.namespace, part="status")

    def _end(self, applied: Object) -> float | None:
        had = applied.get("status", {}).get("appliedResources", [])
        pending, errors = take_back(self.applied.api, had, owners.owner_of(applied))
        if pending != had:
            change = {"status": {"appliedResources": pending}}
            applied = self.applied.api.patch(APPLIED_WORK, applied["metadata"]["name"], change, part="status")
        if errors:
            raise errors[0]
        if not pending:
            self._release(self.applied, applied)
        return _PENDING if pending else None

    def _release(self, kept: Kept, one: Object) -> None:
        metadata = one["metadata"]
        left = [name for name in metadata.get("finalizers", []) if not name.endswith("manifest-work-cleanup")]
        if left != metadata.get("finalizers", []):
            change = {"metadata": {"finalizers": left, "resourceVersion": metadata["resourceVersion"]}}
            kept.api.patch(kept.kind, metadata["name"], change, namespace=metadata.get("namespace", ""))

    def _evict(self, applied: Object) -> float | None:
        """What belongs to no work (any more) goes after an hour."""
        name = applied["metadata"]["name"]
        is_known = name.startswith(self.hub_hash) and self.works.get(applied["spec"]["manifestWorkName"])
        since = applied.get("status", {}).get(_EVICTION)
        if bool(is_known) == bool(since):
            change = {"status": {_EVICTION: None if is_known else conditions.now()}}
            self.applied.api.patch(APPLIED_WORK, name, change, part="status")
        if is_known or not since:
            return None
        left = datetime.fromisoformat(since).timestamp() + _EVICTED_AFTER - time.time()
        if left > 0:
            return left
        self.applied.api.delete(APPLIED_WORK, name)
        return None

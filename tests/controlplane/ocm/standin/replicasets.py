"""OCM's ManifestWorkReplicaSets: one work for every cluster that the Placements name, and what became of them.

controllers(Mirror(hub_api))   # to be run by `loop.run`
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from controlplane.ocm.api import Refused
from controlplane.ocm.kinds import DECISION, PLACEMENT, REPLICA_SET, WORK, WORKS
from controlplane.ocm.standin import replicasets_status as status_of
from controlplane.ocm.standin import work_conditions as conditions
from controlplane.ocm.standin.loop import Kept, Loop, Mirror, each
from controlplane.ocm.standin.replicasets_rollout import Rollout, roll_out
from controlplane.ocm.standin.replicasets_works import OWNER, PLACED_BY, built, is_current, key_of, replaced

if TYPE_CHECKING:
    from controlplane.ocm.api import Object
    from controlplane.ocm.standin.loop import Controller

_FINALIZER = f"{WORKS}/manifest-work-cleanup"
_PLACEMENT_LABEL = "cluster.open-cluster-management.io/placement"
_LONGEST_LABEL = 63


def controllers(hub: Mirror) -> list[Controller]:
    sets, works = hub.of(REPLICA_SET), hub.of(WORK)
    kept = (sets, works, hub.of(PLACEMENT), hub.of(DECISION))
    return [Loop("replica sets", ReplicaSets(*kept).act, *kept)]


@dataclass
class ReplicaSets:
    """OCM finds a work's set by splitting a label at its dot: with a dot in its name, a set hears nothing of works."""

    sets: Kept
    works: Kept
    placements: Kept
    decisions: Kept
    dotted: dict[str, str] = field(default_factory=dict)

    def act(self) -> None:
        """All of them; a set with a dot only when it, its Placements or their decisions have changed."""
        each([one for one in self.sets.all() if key_of(one).count(".") == 1 or self._has_changed(one)], self._reconcile)

    def _reconcile(self, one: Object) -> None:
        works = self._works_of(one)
        if "deletionTimestamp" in one["metadata"]:
            self._end(one, works)
            return
        if _FINALIZER not in one["metadata"].get("finalizers", []):
            self._finalizers(one, [*one["metadata"].get("finalizers", []), _FINALIZER])
            return
        status: Object = deepcopy(one.get("status") or {})
        said = status.setdefault("conditions", [])
        refused: list[Refused] = []
        if problem := _label_problem(key_of(one)):
            conditions.put(said, status_of.applied("InvalidManifestWorkName", problem))
        elif self._deploy(one, works, status, refused):
            status_of.count(status, one, self._works_of(one))
        if status != one.get("status"):
            metadata = one["metadata"]
            change = {"metadata": {"resourceVersion": metadata["resourceVersion"]}, "status": status}
            self.sets.api.patch(REPLICA_SET, metadata["name"], change, namespace=metadata["namespace"], part="status")
        if refused:
            raise refused[0]

    def _deploy(self, one: Object, works: list[Object], status: Object, refused: list[Refused]) -> bool:
        """Whether all Placements are there; else nothing more is said. Adds to `refused`."""
        names = [ref["name"] for ref in one["spec"]["placementRefs"]]
        for work in works:
            if work["metadata"]["labels"].get(PLACED_BY) not in names:
                self._delete(work)
        summaries, total, succeeded = [], 0, 0
        for ref in one["spec"]["placementRefs"]:
            placement = self.placements.get(ref["name"], one["metadata"]["namespace"])
            if placement is None:
                conditions.put(status["conditions"], status_of.verified("PlacementDecisionNotFound"))
                return False
            mine = [work for work in works if work["metadata"]["labels"].get(PLACED_BY) == ref["name"]]
            rollout = roll_out(ref.get("rolloutStrategy", {}), self._clusters(placement), _current(one, mine))
            existing = self._carry_out(one, ref["name"], mine, rollout, refused)
            summaries.append(status_of.summary(placement, existing))
            total += placement.get("status", {}).get("numberOfSelectedClusters", 0)
            succeeded += rollout.succeeded
        status_of.tell_rollout(status, summaries, done=total == succeeded)
        return True

    def _carry_out(
        self, one: Object, placement: str, mine: list[Object], rollout: Rollout, refused: list[Refused]
    ) -> int:
        """How many works are there then."""
        by_cluster = {work["metadata"]["namespace"]: work for work in mine}
        existing = {work["metadata"]["namespace"] for work in mine if is_current(work, one)}
        for cluster in rollout.apply:
            try:
                self._write(built(one, cluster, placement), by_cluster.get(cluster))
            except Refused as refusal:
                refused.append(refusal)
            else:
                existing.add(cluster)
        for cluster in rollout.removed:
            self._delete(by_cluster[cluster])
            existing.discard(cluster)
        return len(existing)

    def _write(self, wanted: Object, had: Object | None) -> None:
        if had is None:
            self.works.api.create(WORK, wanted)
        elif (changed := replaced(had, wanted)) is not None:
            self.works.api.update(WORK, changed)

    def _works_of(self, one: Object) -> list[Object]:
        return [work for work in self.works.all() if work["metadata"].get("labels", {}).get(OWNER) == key_of(one)]

    def _clusters(self, placement: Object) -> list[str]:
        metadata = placement["metadata"]
        slices = [
            one
            for one in self.decisions.all(metadata["namespace"])
            if one["metadata"].get("labels", {}).get(_PLACEMENT_LABEL) == metadata["name"]
        ]
        return sorted(one["clusterName"] for part in slices for one in part.get("status", {}).get("decisions", []))

    def _end(self, one: Object, works: list[Object]) -> None:
        if problem := _label_problem(key_of(one)):  # OCM can't even ask for its works, so such a set stays for ever
            raise ValueError(problem)
        for work in works:
            self._delete(work)
        if one["spec"].get("cascadeDeletionPolicy") != "Foreground" or not works:
            finalizers = one["metadata"].get("finalizers", [])
            if _FINALIZER in finalizers:
                self._finalizers(one, [name for name in finalizers if name != _FINALIZER])

    def _finalizers(self, one: Object, names: list[str]) -> None:
        metadata = one["metadata"]
        change = {"metadata": {"finalizers": names, "resourceVersion": metadata["resourceVersion"]}}
        self.sets.api.patch(REPLICA_SET, metadata["name"], change, namespace=metadata["namespace"])

    def _delete(self, work: Object) -> None:
        if "deletionTimestamp" not in work["metadata"]:
            self.works.api.delete(WORK, work["metadata"]["name"], work["metadata"]["namespace"])

    def _has_changed(self, one: Object) -> bool:
        """Itself, its Placements or their decisions."""
        refs = {ref["name"] for ref in one["spec"]["placementRefs"]}
        where = one["metadata"]["namespace"]
        seen = [one["metadata"]["resourceVersion"]]
        seen += [
            it["metadata"]["resourceVersion"] for it in self.placements.all(where) if it["metadata"]["name"] in refs
        ]
        seen += [
            it["metadata"]["resourceVersion"]
            for it in self.decisions.all(where)
            if it["metadata"].get("labels", {}).get(_PLACEMENT_LABEL) in refs
        ]
        uid, now = one["metadata"]["uid"], " ".join(seen)
        changed = self.dotted.get(uid) != now
        self.dotted[uid] = now
        return changed


def _current(one: Object, works: list[Object]) -> dict[str, Object]:
    """The works that carry the set's template, by cluster."""
    return {work["metadata"]["namespace"]: work for work in works if is_current(work, one)}


def _label_problem(value: str) -> str:
    if len(value) <= _LONGEST_LABEL:
        return ""
    return (
        f'ManifestWork owner reference "{value}" (namespace.name) is not a valid label value: must be no more than '
        f"{_LONGEST_LABEL} bytes; recreate the ManifestWorkReplicaSet with a shorter namespace and/or name so the "
        "combined length is at most 63 characters"
    )

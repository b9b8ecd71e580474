"""OCM's Placement controller: asks the product's own pure evaluator, and writes what it says."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from controlplane.ocm.kinds import BINDING, CLUSTER, CLUSTER_SET, DECISION, PLACEMENT, SCORE
from controlplane.ocm.standin.loop import Loop, each
from covey_core.placement import ObjectError, Placement, World, decision_objects, evaluate, status
from covey_core.placement.world import PLACEMENT_LABEL

if TYPE_CHECKING:
    from controlplane.ocm.api import Object
    from controlplane.ocm.standin.loop import Mirror

_log = logging.getLogger("standin")


class Placements:
    def __init__(self, mirror: Mirror) -> None:
        self._api = mirror.api
        self._placements, self._decisions = mirror.of(PLACEMENT), mirror.of(DECISION)
        self._kept = [mirror.of(kind) for kind in (CLUSTER, CLUSTER_SET, BINDING, SCORE)]
        self.loops = [Loop("placements", self.act, self._placements, self._decisions, *self._kept)]

    def act(self) -> float | None:
        """Seconds until a toleration runs out."""
        now = datetime.now(UTC)
        again = [one for one in each(self._placements.all(), lambda one: self._decide(one, now)) if one]
        return max((min(again) - now).total_seconds() + 0.05, 0.05) if again else None

    def _decide(self, one: Object, now: datetime) -> datetime | None:
        try:
            wanted = Placement.of(one)
        except ObjectError as error:
            _log.warning("placements: %s", error)
            return None
        if wanted.idle:
            return None
        everything = [*self._decisions.all(), *(each for kept in self._kept for each in kept.all())]
        outcome = evaluate(wanted, World.of(everything), now=now)
        self._write(one["metadata"], decision_objects(outcome))
        known = one.get("status", {})
        new = status(outcome, now=now, previous=known)
        if new != known:
            change = {"metadata": {"resourceVersion": one["metadata"]["resourceVersion"]}}
            gone = dict.fromkeys(set(known) - set(new))
            metadata = one["metadata"]
            self._api.patch(
                PLACEMENT,
                metadata["name"],
                change | {"status": {**new, **gone}},
                namespace=metadata["namespace"],
                part="status",
            )
        return outcome.look_again

    def _write(self, placement: Object, wanted: list[Object]) -> None:
        namespace = placement["namespace"]
        known = {
            one["metadata"]["name"]: one
            for one in self._decisions.all(namespace)
            if one["metadata"].get("labels", {}).get(PLACEMENT_LABEL) == placement["name"]
        }
        for one in wanted:
            name = one["metadata"]["name"]
            old = known.pop(name, None)
            if old is None:
                old = self._api.create(DECISION, {key: part for key, part in one.items() if key != "status"})
            elif old["metadata"].get("labels") != one["metadata"]["labels"]:
                self._api.patch(
                    DECISION, name, {"metadata": {"labels": one["metadata"]["labels"]}}, namespace=namespace
                )
            if old.get("status", {}).get("decisions", []) != one["status"]["decisions"]:
                self._api.patch(DECISION, name, {"status": one["status"]}, namespace=namespace, part="status")
        for name in known:
            self._api.delete(DECISION, name, namespace)

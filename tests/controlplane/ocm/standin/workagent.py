"""OCM's work agent: brings a cluster's ManifestWorks to its spoke, reports on them, and takes them back.

controllers(Mirror(hub_api), Mirror(spoke_api), cluster)   # to be run by `loop.run`
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from controlplane.ocm.kinds import APPLIED_WORK, WORK
from controlplane.ocm.standin import work_conditions as conditions
from controlplane.ocm.standin.loop import Kept, Loop, Mirror, each
from controlplane.ocm.standin.workagent_bring import Bringer, Brought
from controlplane.ocm.standin.workagent_end import Ender
from controlplane.ocm.standin.workagent_status import observed
from controlplane.ocm.standin.workagent_turns import Turns

if TYPE_CHECKING:
    from controlplane.ocm.api import Api, Object
    from controlplane.ocm.standin.loop import Controller

FINALIZER = "cluster.open-cluster-management.io/manifest-work-cleanup"
APPLIED_FINALIZER = "cluster.open-cluster-management.io/applied-manifest-work-cleanup"
_LOOK_AGAIN = 1.0  # OCM looks at a spoke's objects at an interval, too: `--status-sync-interval`


def controllers(hub: Mirror, spoke: Mirror, cluster: str) -> list[Controller]:
    works, applied = hub.of(WORK, cluster), spoke.of(APPLIED_WORK)
    agent = Agent(cluster, works, applied, Bringer(spoke.api), Turns())
    ender = Ender(agent.hub_hash, works, applied)
    return [
        Loop("works", agent.act, works),
        Loop("status of works", agent.report, works),
        Loop("applied works", ender.act, applied, works),
    ]


@dataclass
class Agent:
    """One cluster's, for one hub, which it knows by the hash of its address."""

    cluster: str
    works: Kept
    applied: Kept
    bringer: Bringer
    turns: Turns
    hub: Api = field(init=False)

    def __post_init__(self) -> None:
        self.hub = self.works.api

    @property
    def hub_hash(self) -> str:
        return hashlib.sha256(self.hub.url.encode()).hexdigest()

    def act(self) -> float:
        """Every work that has its turn."""
        works = self.works.all()
        self.turns.keep({work["metadata"]["uid"] for work in works})
        for work in works:
            self.turns.take(work, lambda work=work: self._bring(work))
        return self.turns.seconds()

    def report(self) -> float:
        """On works that were applied once."""
        each(self.works.all(), self._report)
        return _LOOK_AGAIN

    def _report(self, work: Object) -> None:
        if _is_ours(work) and conditions.find(conditions.of(work), "Applied"):
            status = observed(self.applied.api, work)
            if status != work["status"]:
                self._patch(work, status)

    def _bring(self, work: Object) -> float | None:
        """Seconds until the next time; None leaves it to the usual."""
        if "deletionTimestamp" in work["metadata"]:
            return None
        if not _is_ours(work):
            work = self._add_finalizer(work)
        if conditions.is_true(conditions.of(work), "Complete"):
            return None
        applied = self._applied_work(work)
        brought = self.bringer.bring(work, applied)
        if brought.status != work.get("status"):
            self._patch(work, brought.status)
        self._note(applied, brought)
        if brought.errors:
            raise ExceptionGroup("not all manifests could be applied", brought.errors)
        return brought.again

    def _add_finalizer(self, work: Object) -> Object:
        metadata = work["metadata"]
        kept = [*metadata.get("finalizers", []), FINALIZER]
        change = {"metadata": {"finalizers": kept, "resourceVersion": metadata["resourceVersion"]}}
        return self.hub.patch(WORK, metadata["name"], change, namespace=self.cluster)

    def _applied_work(self, work: Object) -> Object:
        name = work["metadata"]["name"]
        found = self.applied.get(f"{self.hub_hash}-{name}")
        if found:
            return found
        metadata = {"name": f"{self.hub_hash}-{name}", "finalizers": [APPLIED_FINALIZER]}
        labels = work["metadata"].get("labels")
        spec = {"hubHash": self.hub_hash, "agentID": self.hub_hash, "manifestWorkName": name}
        one = {"metadata": metadata | ({"labels": labels} if labels else {}), "spec": spec}
        return self.applied.api.create(APPLIED_WORK, one)

    def _note(self, applied: Object, brought: Brought) -> None:
        """What is on the spoke because of the work."""
        if brought.resources is None or brought.resources == applied.get("status", {}).get("appliedResources", []):
            return
        change = {"status": {"appliedResources": brought.resources}}
        self.applied.api.patch(APPLIED_WORK, applied["metadata"]["name"], change, part="status")

    def _patch(self, work: Object, status: Object) -> None:
        """Refused when somebody else was faster; then all is looked at again."""
        metadata = work["metadata"]
        change = {"metadata": {"resourceVersion": metadata["resourceVersion"]}, "status": status}
        self.hub.patch(WORK, metadata["name"], change, namespace=self.cluster, part="status")


def _is_ours(work: Object) -> bool:
    return FINALIZER in work["metadata"].get("finalizers", [])

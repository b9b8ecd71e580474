"""One local run as a value: who takes part, where, on which ports; and the files that say so to its programs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003 - the dataclass's annotations are read by people's tools
from typing import TYPE_CHECKING, Any

from covey_core import names
from covey_core.manifests import canonical_json
from covey_core.render.start import start_data

if TYPE_CHECKING:
    from collections.abc import Mapping

    from covey_core.model.job import FederatedJob
    from covey_core.model.runtime import Runtime

HUB = "aggregator"
SERVER_NAME = "aggregator.covey.local"


@dataclass(frozen=True, slots=True)
class Ports:
    """Free ones on loopback; a collaborator's session is unused."""

    proxy: int
    runtime: int
    session: int


@dataclass(frozen=True, slots=True)
class Plan:
    """`folder` is the run's; each side's root is a folder of its name in it."""

    folder: Path
    job: FederatedJob
    runtime: Runtime
    uid: str
    app_digest: str
    trust_domain: str
    collaborators: tuple[str, ...]
    ports: Mapping[str, Ports]

    @property
    def sides(self) -> tuple[str, ...]:
        return (HUB, *self.collaborators)

    @property
    def identity(self) -> str:
        """Of this run's aggregator."""
        return names.run_identity(self.trust_domain, self.job.namespace, self.job.name, self.job.run_number)

    @property
    def state(self) -> Path:
        """What the aggregator's launcher keeps of the run."""
        return self.folder / HUB / "state/runs" / str(self.job.run_number)

    @property
    def events(self) -> Path:
        return self.state / "events.jsonl"

    @property
    def secret_folders(self) -> tuple[Path, ...]:
        """Of all sides: what no launcher and no app may look into."""
        return tuple(self.root(side) / part for side in self.sides for part in ("tls", "proxy"))

    def root(self, name: str) -> Path:
        return self.folder / name


def side_of(name: str) -> str:
    return "aggregator" if name == HUB else "collaborator"


def start_json(plan: Plan, name: str, *, waiting: int) -> bytes:
    """What is rendered into Git for this side, with the ports of this machine and without the image.

    The training begins when all collaborators are there: on one machine none is late for long.
    """
    data: dict[str, Any] = json.loads(start_data(plan.job, side=side_of(name), runtime=plan.runtime))
    del data["image"]  # the app is the folder here, and its digest says which
    ports = plan.ports[name]
    data["self"] = name
    data["run"]["uid"] = plan.uid
    data["minimum"] = len(plan.collaborators)
    data["appDigest"] = plan.app_digest
    data["ports"] = {"proxy": ports.proxy, "runtime": ports.runtime, "session": ports.session}
    if name == HUB:
        data["timeouts"]["waiting"] = waiting  # whose sentence names who is missing
    return canonical_json(data)


def net_json(plan: Plan) -> bytes:
    """Where a collaborator's proxy finds the aggregator's."""
    return canonical_json(
        {
            "contract": 1,
            "address": {"host": "127.0.0.1", "port": plan.ports[HUB].proxy},
            "serverName": SERVER_NAME,
            "identity": plan.identity,
            "caFile": "tls/ca.crt",
        }
    )

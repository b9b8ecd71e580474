"""The stand-in for OCM: small controllers of ours that do against real API servers what OCM documents."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from controlplane.ocm import admission, crds, rights
from controlplane.ocm.api import Api
from controlplane.ocm.joined import wait_available
from controlplane.ocm.kinds import NAMESPACE
from controlplane.processes import wait
from covey_cli.local_run.ports import free_ports
from covey_runtimes.launch.children import answers

if TYPE_CHECKING:
    from controlplane.plane import Plane
    from controlplane.processes import Server

_TESTS = Path(__file__).resolve().parents[3]


@dataclass
class StandIn:
    name: str = "stand-in"
    agents: dict[str, Any] = field(default_factory=dict)

    def start_hub(self, plane: Plane) -> None:
        hub = plane.hub
        api = Api(hub.admin, manager="ocm-install")
        crds.install(api, crds.of_hub())
        api.apply(NAMESPACE, {"metadata": {"name": rights.HUB_NAMESPACE}})
        rights.allow_bootstrap(api)
        (port,) = free_ports(1)
        folder = admission.certificates(hub, hub.folder / "webhooks")
        argv = [f"--kubeconfig={hub.admin}", f"--bootstrap-user={rights.BOOTSTRAP_USER}"]
        argv += [f"--webhooks-port={port}", f"--webhooks-folder={folder}"]
        _start(plane, "ocm-hub", "hub", argv)
        wait(lambda: answers(port), "the stand-in's webhooks", servers=plane.servers)
        admission.convert_addons(api, hub, port)
        admission.configure(api, hub, clusters=port, works=port)
        api.close()

    def join(self, plane: Plane, name: str) -> None:
        cluster, hub = plane.clusters[name], plane.hub
        api = Api(cluster.admin, manager="ocm-install")
        crds.install(api, crds.of_spoke())
        rights.prepare_spoke(api)
        api.close()
        bootstrap = hub.kubeconfig(cluster.folder / "bootstrap.kubeconfig", rights.BOOTSTRAP_USER)
        argv = [f"--name={name}", f"--bootstrap-kubeconfig={bootstrap}"]
        argv += [f"--kubeconfig={rights.kubeconfig(cluster, 'registration')}"]
        argv += [f"--work-kubeconfig={rights.kubeconfig(cluster, 'work')}"]
        argv += [f"--hub-kubeconfig-dir={cluster.folder / 'hub-kubeconfig'}"]
        self.agents[name] = _start(plane, f"{name}-ocm-agent", "agent", argv)
        wait_available(plane, name)

    def stop_agent(self, plane: Plane, name: str) -> None:
        server = self.agents.pop(name)
        with suppress(ValueError):
            plane.servers.stop(server)


def _start(plane: Plane, name: str, module: str, argv: list[str]) -> Server:
    """Not measured: coverage in a process that gets signals may hang."""
    env = {"PYTHONPATH": str(_TESTS)} | dict.fromkeys((one for one in os.environ if one.startswith("COVERAGE_")), "")
    return plane.servers.start(name, [sys.executable, "-m", f"controlplane.ocm.standin.{module}", *argv], env=env)

"""OCM's own programs as processes of a plane, with the rights that its installation gives them on a spoke."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from controlplane.ocm import admission, crds, rights
from controlplane.ocm.api import Api
from controlplane.ocm.joined import wait_available
from controlplane.ocm.kinds import NAMESPACE
from controlplane.processes import wait
from covey_cli.local_run.ports import free_ports
from covey_runtimes.launch.children import answers

if TYPE_CHECKING:
    from pathlib import Path

    from controlplane.plane import Plane
    from controlplane.processes import Server

_PROGRAMS = ("registration", "placement", "work", "addon")
_ALONE = "--disable-leader-election"


@dataclass
class RealOcm:
    """`folder` holds OCM's programs registration, placement, work and addon."""

    folder: Path
    agents: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        missing = [name for name in _PROGRAMS if not (self.folder / name).is_file()]
        if missing:
            raise FileNotFoundError(f"{self.folder} has no {' and no '.join(missing)}; COVEY_OCM_ASSETS needs them all")

    @property
    def name(self) -> str:
        return f"real, from {self.folder}"

    def start_hub(self, plane: Plane) -> None:
        hub = plane.hub
        api = Api(hub.admin, manager="ocm-install")
        crds.install(api, crds.of_hub())
        api.apply(NAMESPACE, {"metadata": {"name": rights.HUB_NAMESPACE}})
        rights.allow_bootstrap(api)
        ports = free_ports(7)
        self._start_webhooks(plane, ports[:3])
        addons, clusters, works = ports[:3]
        admission.convert_addons(api, hub, addons)
        admission.configure(api, hub, clusters=clusters, works=works)
        api.close()
        self._start_controllers(plane, ports[3:])

    def join(self, plane: Plane, name: str) -> None:
        cluster, hub = plane.clusters[name], plane.hub
        api = Api(cluster.admin, manager="ocm-install")
        crds.install(api, crds.of_spoke())
        rights.prepare_spoke(api)
        api.close()
        bootstrap = hub.kubeconfig(cluster.folder / "bootstrap.kubeconfig", rights.BOOTSTRAP_USER)
        said = cluster.folder / "hub-kubeconfig"
        first, second = free_ports(2)
        registration = [
            *self._agent("registration", first, rights.kubeconfig(cluster, "registration"), name),
            f"--agent-id={name}-agent",
            f"--bootstrap-kubeconfig={bootstrap}",
            f"--hub-kubeconfig-dir={said}",
            "--hub-kubeconfig-secret=hub-kubeconfig-secret",
            "--cluster-healthcheck-period=5s",
        ]
        work = [
            *self._agent("work", second, rights.kubeconfig(cluster, "work"), name),
            "--workload-source-driver=kube",
            f"--workload-source-config={said / 'kubeconfig'}",
            f"--hub-kubeconfig-dir={said}",
            "--status-sync-interval=1s",
        ]
        self.agents[name] = [plane.servers.start(f"{name}-registration", registration)]
        ready = said / "tls.crt"
        wait(ready.is_file, f"the identity of {name} on the hub", servers=plane.servers)
        self.agents[name].append(plane.servers.start(f"{name}-work", work))
        wait_available(plane, name)

    def stop_agent(self, plane: Plane, name: str) -> None:
        server: Server
        for server in self.agents.pop(name):
            with suppress(ValueError):
                plane.servers.stop(server)

    def _agent(self, program: str, port: int, kubeconfig: Path, name: str) -> list[str]:
        return [
            f"{self.folder / program}",
            "agent",
            f"--kubeconfig={kubeconfig}",
            f"--namespace={rights.AGENT_NAMESPACE}",
            f"--spoke-cluster-name={name}",
            f"--listen=127.0.0.1:{port}",
            _ALONE,
        ]

    def _start_webhooks(self, plane: Plane, ports: list[int]) -> None:
        folder = admission.certificates(plane.hub, plane.hub.folder / "webhooks")
        for program, port in zip(("addon", "registration", "work"), ports, strict=True):
            argv = [self.folder / program, "webhook-server", f"--kubeconfig={plane.hub.admin}", f"--port={port}"]
            argv += [f"--certdir={folder}", "--metrics-port=0", "--health-probe-port=0"]
            plane.servers.start(f"{program}-webhooks", argv)
        for port in ports:
            wait(lambda port=port: answers(port), "a webhook of OCM", servers=plane.servers)

    def _start_controllers(self, plane: Plane, ports: list[int]) -> None:
        approval = (
            "--feature-gates=ManagedClusterAutoApproval=true",
            f"--auto-approved-csr-users={rights.BOOTSTRAP_USER}",
        )
        sets = ("--feature-gates=ManifestWorkReplicaSet=true,CleanUpCompletedManifestWork=true",)
        commands = [
            ("registration", "controller", *approval),
            ("placement", "controller"),
            ("work", "manager", *sets),
            ("addon", "manager"),
        ]
        common = [f"--kubeconfig={plane.hub.admin}", f"--namespace={rights.HUB_NAMESPACE}", _ALONE]
        env = {"POD_NAMESPACE": rights.HUB_NAMESPACE}
        for (program, *rest), port in zip(commands, ports, strict=True):
            argv = [self.folder / program, *rest, *common, f"--listen=127.0.0.1:{port}"]
            plane.servers.start(f"{program}-{rest[0]}", argv, env=env)

"""A hub and its spokes on this machine: real API servers, one etcd for all of them."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from controlplane import binaries
from controlplane.cluster import Cluster
from controlplane.processes import Servers, wait
from covey_cli.local_run.ports import free_ports
from covey_runtimes.launch.children import answers

if TYPE_CHECKING:
    from pathlib import Path

HUB = "hub"


@dataclass
class Plane:
    """Servers run from `start` to `close`; whatever starts a plane takes it along when it dies."""

    folder: Path
    spokes: tuple[str, ...] = ("cluster1", "cluster2")
    servers: Servers = field(init=False)
    clusters: dict[str, Cluster] = field(init=False)

    def __post_init__(self) -> None:
        self.servers = Servers(self.folder / "logs")
        self._etcd, self._peer, *ports = free_ports(2 + 1 + len(self.spokes))
        etcd = f"http://127.0.0.1:{self._etcd}"
        names = (HUB, *self.spokes)
        self.clusters = {
            name: Cluster(name, self.folder / name, port, etcd, self.servers)
            for name, port in zip(names, ports, strict=True)
        }

    @property
    def hub(self) -> Cluster:
        return self.clusters[HUB]

    def start(self) -> Self:
        """All API servers, ready; raises PlaneError or NoBinaryError."""
        self._start_etcd()
        for cluster in self.clusters.values():
            cluster.prepare()
            cluster.start()
        for cluster in self.clusters.values():
            cluster.wait_ready()
        for cluster in self.clusters.values():
            cluster.wait_settled()
        return self

    def close(self) -> None:
        for cluster in self.clusters.values():
            cluster.close()
        self.servers.close()

    def _start_etcd(self) -> None:
        client, peer = f"http://127.0.0.1:{self._etcd}", f"http://127.0.0.1:{self._peer}"
        argv = [
            binaries.need("etcd"),
            f"--data-dir={self.folder / 'etcd'}",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}",
            "--unsafe-no-fsync",
            "--log-level=warn",
        ]
        self.folder.mkdir(parents=True, exist_ok=True)
        self.servers.start("etcd", argv)
        wait(lambda: answers(self._etcd), "etcd", servers=self.servers)


assert sys.platform == "linux", "a plane needs Linux"

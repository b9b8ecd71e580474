"""Starts nodes for the clusters of a plane."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lightkube.core.exceptions import ApiError
from lightkube.resources.core_v1 import Node as NodeResource
from lightkube.resources.core_v1 import ServiceAccount
from lightkube.resources.storage_v1 import StorageClass

from controlplane import binaries
from controlplane.node import claims, images, network
from controlplane.node.logs import logs_folder
from controlplane.processes import PlaneError, wait

if TYPE_CHECKING:
    from collections.abc import Mapping

    from controlplane.cluster import Cluster
    from controlplane.node.images import Image
    from controlplane.plane import Plane
    from controlplane.processes import Server

_TESTS = Path(__file__).resolve().parents[2]
_NETWORK = "network"
CAPACITY = {"cpu": "8", "memory": "16Gi", "pods": "110", "ephemeral-storage": "20Gi"}


@dataclass
class Node:
    """A running node; its Pods are processes of this machine."""

    plane: Plane
    cluster: Cluster
    name: str
    folder: Path
    server: Server

    def log(self, pod: Any, container: str, *, start: int = 0) -> str:
        """What a container has written since its start number `start`."""
        file = logs_folder(self.folder, pod.to_dict()["metadata"]) / container / f"{start}.log"
        return file.read_text(errors="replace") if file.exists() else ""

    def kill(self) -> None:
        """As a machine without power: the node stays known, its Pods stay as they were last seen."""
        self.plane.servers.stop(self.server, sign=9)

    def stop(self) -> None:
        """Takes the node out of its cluster."""
        if self.server in self.plane.servers.running:
            self.plane.servers.stop(self.server)
        with suppress(ApiError):
            self.cluster.client.delete(NodeResource, self.name)


def start_node(
    plane: Plane,
    cluster_name: str,
    *,
    images: Mapping[str, Image] = {},
    name: str = "node-1",
    capacity: Mapping[str, str] = CAPACITY,
    backoff: float = 10.0,
    sync: float = 0.5,
) -> Node:
    """Returns when the node is Ready. `backoff`: seconds before the second restart of a container; `sync`: between
    two looks at ConfigMaps, Secrets and the like."""
    cluster = plane.clusters[cluster_name]
    _network(plane)
    _scheduler(plane, cluster)
    with suppress(ApiError):
        cluster.client.create(StorageClass.from_dict(claims.storage_class()))
    folder = plane.folder / "nodes" / f"{cluster_name}-{name}"
    folder.mkdir(parents=True, exist_ok=True)
    words = _prepare(plane, cluster, folder, images, name)
    words += ["--name", name, "--capacity", json.dumps(dict(capacity))]
    words += ["--backoff", str(backoff), "--sync", str(sync)]
    server = plane.servers.start(f"{cluster_name}-{name}", words, env={"PYTHONPATH": str(_TESTS)})
    wait(partial(_ready, cluster, name), f"the node {name} of {cluster_name}", servers=plane.servers)
    return Node(plane, cluster, name, folder, server)


def _prepare(plane: Plane, cluster: Cluster, folder: Path, known: Mapping[str, Image], name: str) -> list[Any]:
    """The agent's files, and the words that name them."""
    images.write(known, folder / "images.json")
    identity = cluster.kubeconfig(folder / "kubeconfig", f"system:node:{name}", groups=("system:nodes",))
    certificate, key = cluster.authority.issue(name, server=True)
    (folder / "node.crt").write_bytes(certificate)
    (folder / "node.key").touch(mode=0o600)
    (folder / "node.key").write_bytes(key)
    numbers = sorted(one.name for one in folder.parent.iterdir())
    known_as = folder.parent.parent / "node-numbers.json"
    taken: dict[str, int] = json.loads(known_as.read_text()) if known_as.exists() else {}
    for one in numbers:
        taken.setdefault(one, len(taken) + 1)
    known_as.write_text(json.dumps(taken))
    options = {
        "kubeconfig": identity,
        "admin": cluster.admin,
        "folder": folder,
        "claims": cluster.folder / "claims",
        "images": folder / "images.json",
        "certificate": folder / "node.crt",
        "key": folder / "node.key",
        "number": taken[folder.name],
        "network": (plane.folder / _NETWORK).read_text(),
        "api-port": cluster.port,
    }
    words: list[Any] = [sys.executable, "-m", "controlplane.node"]
    words += [word for option, value in options.items() for word in (f"--{option}", value)]
    return words + [word for one in plane.clusters.values() for word in ("--loopback", one.port)]


def _network(plane: Plane) -> None:
    """One for all nodes of the plane."""
    ready = plane.folder / _NETWORK
    if any(one.name == _NETWORK for one in plane.servers.running) and ready.exists():
        return
    if why := network.refused():
        raise PlaneError(f"this machine can't run Pods for tests: {why}")
    ready.unlink(missing_ok=True)
    words: list[Any] = [sys.executable, "-m", "controlplane.node.network", ready]
    plane.servers.start(_NETWORK, words, env={"PYTHONPATH": str(_TESTS)})
    wait(ready.exists, "the network of the nodes", servers=plane.servers)


def _scheduler(plane: Plane, cluster: Cluster) -> None:
    name = f"{cluster.name}-scheduler"
    if any(one.name == name for one in plane.servers.running):
        return
    words: list[Any] = [binaries.need("kube-scheduler"), f"--kubeconfig={cluster.admin}", "--leader-elect=false"]
    plane.servers.start(name, [*words, "--secure-port=0", "--v=1"])


def _ready(cluster: Cluster, name: str) -> bool:
    try:
        cluster.client.get(ServiceAccount, "default", namespace="default")  # without it no Pod is let in
        node = cluster.client.get(NodeResource, name)
    except ApiError as error:
        if error.status.code == 404:
            return False
        raise PlaneError(f"the API of {cluster.name} says: {error}") from error
    conditions = node.status.conditions if node.status and node.status.conditions else []
    ready = any(one.type == "Ready" and one.status == "True" for one in conditions)
    return ready and not (node.spec and node.spec.taints)

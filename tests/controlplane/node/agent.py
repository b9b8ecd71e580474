"""The node: says that it is there, and gives each Pod that is bound to it a worker."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from controlplane.node.api import Api, ApiError
from controlplane.node.logs import Log
from controlplane.node.states import now
from controlplane.node.worker import Worker

if TYPE_CHECKING:
    from controlplane.node.host import Host

_BEAT = 5.0
_LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"


class Agent:
    """`api` is the node's own; `admin` does what a cluster's other controllers do to nodes."""

    def __init__(self, host: Host, admin: Api, *, port: int = 0) -> None:
        self._host, self._admin = host, admin
        self.port = port
        self._workers: dict[str, Worker] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def logs(self, namespace: str, pod: str, container: str) -> Log | None:
        for one in self._workers.values():
            metadata = one.pod["metadata"]
            if (metadata["namespace"], metadata["name"]) == (namespace, pod):
                return Log(one.logs / container, partial(one.running, container))
        return None

    def write_hosts(self) -> None:
        for one in self._workers.values():
            with suppress(FileNotFoundError):
                one.write_hosts()

    async def register(self) -> None:
        """A node that is known already is taken over."""
        path = f"/api/v1/nodes/{self._host.name}"
        if await self._host.api.get(path) is None:
            await self._host.api.ask("POST", "/api/v1/nodes", self._node())
        await self._host.api.patch(f"{path}/status", {"status": self._status()})
        await self._admin.patch(path, {"spec": {"taints": None}})  # not-ready, which the API sets on each new node

    async def beat(self) -> None:
        while True:
            with suppress(ApiError):
                await self._lease()
                await self._host.api.patch(f"/api/v1/nodes/{self._host.name}/status", {"status": self._status()})
            await asyncio.sleep(_BEAT)

    async def follow(self) -> None:
        selector = f"spec.nodeName%3D{self._host.name}"
        async for found in self._host.api.follow("/api/v1/pods", selector=selector):
            for uid, pod in list(found.items()):
                if uid in self._workers:
                    self._workers[uid].see(pod)
                else:
                    self._take(uid, pod)
            for uid in [uid for uid in self._workers if uid not in found]:
                self._workers[uid].see(None)

    async def close(self) -> None:
        """Its Pods end at once, as on a machine that is switched off."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _take(self, uid: str, pod: dict[str, Any]) -> None:
        worker = self._workers[uid] = Worker(self._host, pod)
        worker.see(pod)
        task = self._tasks[uid] = asyncio.create_task(worker.run())
        task.add_done_callback(lambda done: self._done(uid, done))

    def _done(self, uid: str, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            logging.error("the Pod %s is given up", uid, exc_info=error)  # noqa: LOG015 - this program's log
        self._tasks.pop(uid, None)
        self._workers.pop(uid, None)

    async def _lease(self) -> None:
        name = self._host.name
        spec = {"holderIdentity": name, "leaseDurationSeconds": 40, "renewTime": f"{now()[:-1]}.000000Z"}
        try:
            await self._host.api.patch(f"{_LEASES}/{name}", {"spec": spec})
        except ApiError as error:
            if error.status != 404:
                raise
            await self._host.api.ask("POST", _LEASES, {"metadata": {"name": name}, "spec": spec})

    def _node(self) -> dict[str, Any]:
        name = self._host.name
        labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
        return {"metadata": {"name": name, "labels": labels}, "spec": {}}

    def _status(self) -> dict[str, Any]:
        at = now()
        ready = {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "the agent of tests runs"}
        return {
            "capacity": self._host.allocatable,
            "allocatable": self._host.allocatable,
            "addresses": [
                {"type": "Hostname", "address": "127.0.0.1"},  # where the API finds the logs
                {"type": "InternalIP", "address": self._host.address},
            ],
            "conditions": [{**ready, "lastHeartbeatTime": at, "lastTransitionTime": at}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": self.port}},
            "nodeInfo": {
                **dict.fromkeys(("machineID", "systemUUID", "bootID", "kernelVersion", "osImage"), self._host.name),
                "containerRuntimeVersion": "covey-tests://1",
                "kubeletVersion": "v1.36.3",
                "kubeProxyVersion": "",
                "operatingSystem": "linux",
                "architecture": "amd64",
            },
        }

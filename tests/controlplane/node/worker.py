"""One Pod on its node, from the first look at it to the last word about it."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from controlplane.node.api import ApiError
from controlplane.node.atomic import write_over
from controlplane.node.environment import MissingError
from controlplane.node.joining import connect, open_loopback
from controlplane.node.logs import logs_folder
from controlplane.node.runner import Runner
from controlplane.node.sandbox import Sandbox
from controlplane.node.states import known, now, status
from controlplane.node.volumes import Volumes

if TYPE_CHECKING:
    from controlplane.node.host import Host
    from controlplane.node.states import Container

_TRIES = 100
_NOT_OURS = (404, 409)  # gone, or another Pod of this name
_TERMINAL = ("Succeeded", "Failed")


class Worker:
    """`see` tells it what the API says; `run` ends when the node is done with the Pod."""

    def __init__(self, host: Host, pod: dict[str, Any]) -> None:
        self._host = host
        self.pod = pod
        self._uid = pod["metadata"]["uid"]
        self._path = f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods/{pod['metadata']['name']}"
        self._folder = host.folder / "pods" / self._uid
        self.logs = logs_folder(host.folder, pod["metadata"])
        self._known = known(pod, host.address)
        self._start = time.time()
        self._dirty = asyncio.Event()
        self._alone = asyncio.Lock()
        self._stop = asyncio.Event()
        self._gone = False
        self._said: dict[str, Any] = {}
        self._runners: dict[str, Runner] = {}
        self._forwards: list[asyncio.Server] = []
        self._sandbox: Sandbox | None = None

    def running(self, container: str) -> bool:
        """Whether it may yet write."""
        every = [*self._known.init, *self._known.main]
        return not self._known.over and any(one.name == container and not one.ended for one in every)

    def see(self, pod: dict[str, Any] | None) -> None:
        """None: the API has forgotten it, so nothing of it may go on."""
        if pod is None:
            self._gone = True
        else:
            self.pod = pod
        if pod is None or "deletionTimestamp" in pod["metadata"]:
            self._stop.set()
        self._dirty.set()

    async def run(self) -> None:
        telling = asyncio.create_task(self._tell())
        try:
            if self.pod.get("status", {}).get("phase") not in _TERMINAL:
                await self._run()
            await self._stop.wait()  # a Pod that is over stays until somebody deletes it
        finally:
            telling.cancel()
        if not self._gone:
            await self._delete()

    async def _run(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        living = asyncio.create_task(self._live())
        stopping = asyncio.create_task(self._stop.wait())
        watches = [asyncio.create_task(self._deadline()), asyncio.create_task(self._keep_volumes())]
        try:
            await asyncio.wait([living, stopping, watches[0], watches[1]], return_when=asyncio.FIRST_COMPLETED)
            await self._end_all()
        finally:
            for task in (living, stopping, *watches):
                task.cancel()
            for wrong in await asyncio.gather(living, stopping, *watches, return_exceptions=True):
                if isinstance(wrong, Exception):
                    logging.error("the Pod %s: %s", self._path, wrong, exc_info=wrong)  # noqa: LOG015 - our own log
                    self._known.failed = self._known.failed or ("NodeFailure", str(wrong))
            self._clear()
        self._known.over = True
        await self._publish_last()

    async def _live(self) -> None:
        """Returns when all main containers are done, or an init container has failed for good."""
        self._changed()
        if self._known.nothing_left:
            return None
        sandbox = self._sandbox = Sandbox(self._folder)
        self._known.address = await connect(self._host, sandbox, self.pod["metadata"]["name"])
        self._forwards = await open_loopback(self._host, sandbox)
        self.write_hosts()
        volumes = self._volumes = Volumes(self._host, self._folder)
        await self._mount(volumes, sandbox)
        self._known.sandbox = True
        self._changed()
        restart = self.pod["spec"].get("restartPolicy", "Always")
        async with asyncio.TaskGroup() as group:
            for spec, state in zip(self.pod["spec"].get("initContainers", ()), self._known.init, strict=True):
                if state.sidecar:
                    runner = self._runner(spec, state, "Always")
                    group.create_task(runner.keep())
                    await runner.started.wait()
                    continue
                runner = self._runner(spec, state, "Never" if restart == "Never" else "OnFailure")
                await runner.keep()
                if state.ended and state.ended["exitCode"]:
                    return await self._end_all()
                state.ready = True
            self._known.initialized = True
            for state in self._known.main:
                state.waiting = {"reason": "ContainerCreating"}
            specs = zip(self.pod["spec"]["containers"], self._known.main, strict=True)
            mains = [group.create_task(self._runner(spec, state, restart).keep()) for spec, state in specs]
            await asyncio.wait(mains)
            await self._end_all()
        return None

    def _runner(self, spec: dict[str, Any], state: Container, policy: str) -> Runner:
        assert self._sandbox is not None
        runner = Runner(
            self._host,
            spec,
            state,
            policy=policy,
            pod=lambda: self.pod,
            sandbox=self._sandbox,
            volumes=self._volumes,
            folder=self._folder,
            logs=self.logs,
            address=self._known.address,
            changed=self._changed,
        )
        self._runners[state.name] = runner
        return runner

    def write_hosts(self) -> None:
        """In place, as containers have this very file mounted, and so that nobody finds it empty."""
        if not self._known.address:
            return
        own = f"{self._known.address}\t{self.pod['metadata']['name']}\n"
        aliases = (f"{one['ip']}\t{' '.join(one['hostnames'])}\n" for one in self.pod["spec"].get("hostAliases", ()))
        known = self._host.hosts
        others = known.get(self.pod["metadata"]["namespace"], known.get("", ""))
        write_over(self._folder / "hosts", f"127.0.0.1\tlocalhost\n{own}{''.join(aliases)}{others}")

    async def _mount(self, volumes: Volumes, sandbox: Sandbox) -> None:
        while True:
            try:
                return await volumes.prepare(self.pod, sandbox)
            except MissingError as error:
                for one in [*self._known.init, *self._known.main]:
                    one.waiting = {"reason": "PodInitializing" if self._known.init else "ContainerCreating"}
                self._changed()
                await self._host.event(self.pod, "FailedMount", str(error))
                await asyncio.sleep(self._host.sync)

    async def _keep_volumes(self) -> None:
        """Brings volumes up to date; returns when the Pod must go for what it has written."""
        while True:
            await asyncio.sleep(self._host.sync)
            if not self._known.sandbox:
                continue
            await self._volumes.refresh(self.pod)
            if why := await asyncio.to_thread(self._volumes.overfull, self.pod):
                self._known.failed = ("Evicted", why)
                await self._host.event(self.pod, "Evicted", why)
                return

    async def _deadline(self) -> None:
        while True:
            seconds = self.pod["spec"].get("activeDeadlineSeconds")
            if seconds is not None and time.time() > self._start + seconds:
                why = "Pod was active on the node longer than the specified deadline"
                self._known.failed = ("DeadlineExceeded", why)
                await self._host.event(self.pod, "DeadlineExceeded", why)
                return
            await asyncio.sleep(min(0.2, self._host.sync))

    async def _end_all(self) -> None:
        """Main containers at once, then sidecars, the last first; all within one grace period."""
        end = time.monotonic() + self._grace()
        mains = {one.name for one in self._known.main}
        running = [self._runners[name] for name in self._runners if name in mains]
        await asyncio.gather(*(one.stop(max(end - time.monotonic(), 0)) for one in running))
        for runner in reversed([one for name, one in self._runners.items() if name not in mains]):
            await runner.stop(max(end - time.monotonic(), 0))

    def _grace(self) -> float:
        if self._gone:
            return 0.0
        usual = self.pod["spec"].get("terminationGracePeriodSeconds", 30)
        return float(self.pod["metadata"].get("deletionGracePeriodSeconds", usual))

    def _clear(self) -> None:
        for server in self._forwards:
            server.close()
        if self._sandbox is not None:
            self._sandbox.close()
        if self._known.address:
            self._host.taken.discard(int(self._known.address.rpartition(".")[2]))
        for one in [*self._known.init, *self._known.main]:
            one.ready, one.started = False, False
            if one.running or (one.last and not one.ended):
                one.ended = one.ended or {"exitCode": 137, "reason": "ContainerStatusUnknown", "finishedAt": now()}
                one.running = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def _changed(self) -> None:
        self._dirty.set()

    async def _tell(self) -> None:
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            if self._known.began:
                with suppress(ApiError):
                    await self._publish()
            await asyncio.sleep(0.02)

    async def _publish_last(self) -> None:
        """A Pod that is over is not looked at again."""
        for _ in range(_TRIES):
            with suppress(ApiError):
                return await self._publish()
        return None

    async def _publish(self) -> None:
        async with self._alone:  # what was known earlier must not arrive later
            await self._publish_now()

    async def _publish_now(self) -> None:
        said = status(self._known, self.pod)
        if self._gone or json.dumps(said) == json.dumps(self._said):
            return
        try:
            await self._host.api.patch(f"{self._path}/status", {"metadata": {"uid": self._uid}, "status": said})
        except ApiError as error:
            if error.status in _NOT_OURS:
                self._gone = True
                self._stop.set()
                return
            await asyncio.sleep(0.2)
            self._dirty.set()
            raise
        self._said = said

    async def _delete(self) -> None:
        body = {"gracePeriodSeconds": 0, "preconditions": {"uid": self._uid}}
        for _ in range(_TRIES):
            try:
                await self._host.api.ask("DELETE", self._path, body)
            except ApiError as error:
                if error.status not in _NOT_OURS:
                    await asyncio.sleep(0.2)
                    continue
            return

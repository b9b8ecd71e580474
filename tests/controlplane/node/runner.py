"""Runs one container of a Pod, again and again as its restart policy says."""

from __future__ import annotations

import asyncio
import signal
import time
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from controlplane.node import environment
from controlplane.node.api import ApiError
from controlplane.node.environment import MissingError
from controlplane.node.lookup import lookup
from controlplane.node.probes import Prober
from controlplane.node.sandbox import SandboxError
from controlplane.node.specs import Place, RefusedError, specification
from controlplane.node.states import Container, now
from controlplane.node.watching import before_end, watch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from controlplane.node.host import Host
    from controlplane.node.images import Image
    from controlplane.node.sandbox import Sandbox
    from controlplane.node.volumes import Volumes

_LEAST_GRACE = 2.0
_KEPT_LOGS = 2
_MESSAGE_BYTES, _LOG_BYTES, _LOG_LINES = 4096, 2048, 80


class Runner:
    """`policy` is Always, OnFailure or Never; `changed` is called whenever `state` has been."""

    def __init__(
        self,
        host: Host,
        spec: dict[str, Any],
        state: Container,
        *,
        policy: str,
        pod: Callable[[], dict[str, Any]],
        sandbox: Sandbox,
        volumes: Volumes,
        folder: Path,
        logs: Path,
        address: str,
        changed: Callable[[], None],
    ) -> None:
        self.spec, self.state, self.policy = spec, state, policy
        self._host, self._pod, self._sandbox, self._volumes = host, pod, sandbox, volumes
        self._folder, self._logs, self._address, self.changed = folder, logs / spec["name"], address, changed
        self._number: int | None = None
        self._spec: dict[str, Any] = {}
        self._leaving = asyncio.Event()
        self.started = asyncio.Event()

    async def keep(self) -> None:
        """Until it shall not run again; what has ended for good under an agent before this one does not."""
        if self.state.ended:
            return
        while not self._leaving.is_set():
            code = await self._once()
            if self._leaving.is_set() or self.policy == "Never" or (self.policy == "OnFailure" and code == 0):
                return
            await self._back_off()

    async def stop(self, grace: float) -> None:
        """For good."""
        self._leaving.set()
        await self.end(grace)

    async def end(self, grace: float) -> None:
        """This run: preStop, SIGTERM, and SIGKILL when the time is over."""
        number = self._number
        if number is None:
            return
        start = time.monotonic()
        await self.tell("Killing", f"Stopping container {self.state.name}")
        hook = self.spec.get("lifecycle", {}).get("preStop")
        if hook and grace > 0:
            await before_end(self, hook, grace)
        left = max(grace - (time.monotonic() - start), min(grace, _LEAST_GRACE))
        with suppress(SandboxError):
            await self._sandbox.kill(number, signal.SIGTERM)
        try:
            async with asyncio.timeout(left):
                await self._sandbox.end(number)
        except TimeoutError:
            with suppress(SandboxError):
                await self._sandbox.kill(number, signal.SIGKILL)
            await self._sandbox.end(number)

    async def execute(self, argv: list[str], seconds: float) -> tuple[int, str]:
        """Exit code and output of a program in the running container; raises TimeoutError."""
        if self._number is None:
            return 1, "container not running"
        log = self._folder / f"exec-{uuid.uuid4().hex}"
        try:
            number = await self._sandbox.exec(self._number, {**self._spec, "argv": argv, "log": str(log)})
            try:
                async with asyncio.timeout(seconds):
                    code = await self._sandbox.end(number)
            except TimeoutError:
                await self._sandbox.kill(number, signal.SIGKILL)
                raise
            return code, log.read_text(errors="replace")[-1024:]
        except SandboxError as error:
            return 1, str(error)
        finally:
            log.unlink(missing_ok=True)

    async def _once(self) -> int:
        state = self.state
        place = self._place()
        await self._start(place)
        if self._number is None:
            return 128 if state.ended else 0
        number = self._number
        watching = asyncio.create_task(watch(self))
        try:
            code = await self._sandbox.end(number)
        finally:
            watching.cancel()
            self._number = None
        state.ready = state.started = False
        self.started.clear()
        self._ended(code, place)
        return code

    def prober(self, spec: dict[str, Any]) -> Prober:
        ports = {one["name"]: one["containerPort"] for one in self.spec.get("ports", ()) if "name" in one}
        return Prober(spec, self._address, ports, self._host.sandbox, self.execute)

    @property
    def grace(self) -> float:
        return float(self._pod()["spec"].get("terminationGracePeriodSeconds", 30))

    async def _start(self, place: Place) -> None:
        """Until it runs, can't, or need not any more."""
        image = await self._image()
        made = await self._prepared(image, place) if image else None
        if made is None or self._leaving.is_set():
            return
        self._spec = made
        state = self.state
        try:
            self._number = await self._sandbox.run(self._spec)
        except SandboxError as error:
            state.id = state.id or f"covey-tests://{uuid.uuid4().hex}"
            self._ended(128, place, reason="StartError", message=f"failed to start container: {error}")
            await self.tell("Failed", f"Error: {error}")
            return
        state.id = f"covey-tests://{uuid.uuid4().hex}"
        state.running, state.ended = {"startedAt": now()}, None
        self.changed()
        await self.tell("Started", f"Started container {state.name}")

    async def _image(self) -> Image | None:
        """None when it need not be there any more."""
        tries = 0
        while (image := self._host.images.get(self.spec["image"])) is None:
            said = f'failed to pull image "{self.spec["image"]}": not found'
            await self.tell("Failed", f"Failed to pull image: {said}")
            reason = "ImagePullBackOff" if tries % 2 else "ErrImagePull"
            await self._wait(reason, f'Back-off pulling image "{self.spec["image"]}"' if tries % 2 else said)
            tries += 1
            if self._leaving.is_set():
                return None
        return image

    async def _prepared(self, image: Image, place: Place) -> dict[str, Any] | None:
        """What to start; an API that does not answer, or not yet to this node, is asked again."""
        while not self._leaving.is_set():
            try:
                return await self._specification(image, place)
            except (MissingError, ApiError) as error:
                await self._wait("CreateContainerConfigError", str(error))
            except RefusedError as error:
                await self._wait("CreateContainerConfigError", f"Error: {error}")
        return None

    async def _specification(self, image: Image, place: Place) -> dict[str, Any]:
        await self.tell("Pulled", f'Container image "{self.spec["image"]}" already present on machine')
        pod = self._pod()
        env = await lookup(self._host, pod, self.spec, base=image.env, address=self._address)
        made = specification(
            pod, self.spec, image, place=place, volumes=self._volumes.paths, all_users=self._host.all_users
        )
        return {**made, "argv": environment.words(self.spec, image.entrypoint, env), "env": env}

    async def _back_off(self) -> None:
        state = self.state
        seconds = self._host.pause(state.restarts)
        state.last = state.ended
        if seconds:
            state.ended = None
            said = f"back-off {seconds:.0f}s restarting failed container={state.name}"
            state.waiting = {"reason": "CrashLoopBackOff", "message": said}
            self.changed()
            await self.tell("BackOff", f"Back-off restarting failed container {state.name}")
            await self._pause(seconds)
        if not self._leaving.is_set():
            state.restarts += 1

    async def _wait(self, reason: str, message: str) -> None:
        self.state.waiting, self.state.ended = {"reason": reason, "message": message}, None
        self.changed()
        if reason == "CreateContainerConfigError":
            await self.tell("Failed", message)
        await self._pause(self._host.sync)

    async def _pause(self, seconds: float) -> None:
        """Shorter when it need not run any more."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._leaving.wait()

    def _ended(self, code: int, place: Place, *, reason: str = "", message: str = "") -> None:
        state = self.state
        began = (state.running or {}).get("startedAt", now())
        said = message or self._message(code, place)
        state.running = None
        state.ended = {
            "exitCode": code,
            "reason": reason or ("Error" if code else "Completed"),
            "startedAt": began,
            "finishedAt": now(),
            "containerID": state.id or None,
        }
        if said:
            state.ended["message"] = said
        self.changed()

    def _message(self, code: int, place: Place) -> str:
        said = place.message.read_bytes()[:_MESSAGE_BYTES].decode(errors="replace")
        if said or not code or self.spec.get("terminationMessagePolicy") != "FallbackToLogsOnError":
            return said
        log = place.log.read_bytes() if place.log.exists() else b""
        return b"\n".join(log[-_LOG_BYTES:].split(b"\n")[-_LOG_LINES - 1 :]).decode(errors="replace")

    def _place(self) -> Place:
        number = self.state.restarts
        root = self._folder / f"{self.state.name}-{number}"
        (root / "root").mkdir(parents=True, exist_ok=True)
        message = root / "termination-log"
        message.write_bytes(b"")
        message.chmod(0o666)
        self._logs.mkdir(parents=True, exist_ok=True)
        log = self._logs / f"{number}.log"
        log.touch(mode=0o600)
        (self._logs / f"{number - _KEPT_LOGS}.log").unlink(missing_ok=True)
        return Place(root / "root", log, message, self._folder / "hosts")

    async def tell(self, reason: str, message: str) -> None:
        kind = "initContainers" if self.state.init else "containers"
        await self._host.event(self._pod(), reason, message, part=f"spec.{kind}{{{self.state.name}}}")

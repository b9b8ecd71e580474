"""Pods for tests: short to write, and waited for."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lightkube.core.exceptions import ApiError
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import ConfigMap, Event, Pod, Secret

from controlplane.node.images import Image

if TYPE_CHECKING:
    from collections.abc import Callable

    from controlplane.node.start import Node

IMAGES = {"shell": Image(), "root": Image(user=0), "python": Image(("python",))}
_SECONDS = 40.0


def shell(script: str, **more: Any) -> dict[str, Any]:
    """A container, as JSON."""
    return {"name": "main", "image": "shell", "command": ["sh", "-c", script], **more}


def pod(name: str, *containers: dict[str, Any], metadata: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    usual = {"restartPolicy": "Never", "terminationGracePeriodSeconds": 5, "automountServiceAccountToken": False}
    return {"metadata": {"name": name, **(metadata or {})}, "spec": {**usual, "containers": list(containers), **spec}}


@dataclass
class Trial:
    """Of one node, in one namespace."""

    node: Node
    namespace: str = "default"

    @property
    def client(self) -> Any:
        return self.node.cluster.client

    def start(self, made: dict[str, Any]) -> str:
        self.client.create(Pod.from_dict(made), namespace=self.namespace)
        return str(made["metadata"]["name"])

    def run(self, made: dict[str, Any]) -> dict[str, Any]:
        """To its end; the Pod as it is then."""
        return self.until(self.start(made), is_over)

    def look(self, name: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self.client.get(Pod, name, namespace=self.namespace).to_dict()
        except ApiError as error:
            if error.status.code == 404:
                return None
            raise
        return found

    def until(self, name: str, holds: Callable[[dict[str, Any]], Any], *, seconds: float = _SECONDS) -> dict[str, Any]:
        end = time.monotonic() + seconds
        while True:
            found = self.look(name)
            assert found is not None, f"the Pod {name} is gone"
            if holds(found):
                return found
            self.node.plane.servers.check()
            assert time.monotonic() < end, f"{name} after {seconds:.0f} s: {found.get('status')}, {self.events(name)}"
            time.sleep(0.1)

    def until_gone(self, name: str, *, seconds: float = _SECONDS) -> None:
        end = time.monotonic() + seconds
        while self.look(name) is not None:
            self.node.plane.servers.check()
            assert time.monotonic() < end, f"{name} is still there: {self.look(name)}"
            time.sleep(0.1)

    def delete(self, name: str, *, grace: int | None = None) -> None:
        self.client.delete(Pod, name, namespace=self.namespace, grace_period=grace)

    def log(self, name: str, container: str = "main", *, start: int = 0) -> str:
        return self.node.log(self.client.get(Pod, name, namespace=self.namespace), container, start=start)

    def until_said(self, name: str, text: str, container: str = "main", *, start: int = 0) -> str:
        self.until(name, lambda _: text in self.log(name, container, start=start))
        return self.log(name, container, start=start)

    def events(self, name: str) -> list[tuple[str, str]]:
        found = self.client.list(Event, namespace=self.namespace, fields={"involvedObject.name": name})
        return [(one.reason or "", one.message or "") for one in found]

    def until_event(self, name: str, reason: str, text: str = "") -> None:
        self.until(name, lambda _: any(one == reason and text in said for one, said in self.events(name)))

    def config_map(self, name: str, **data: str) -> None:
        self.client.apply(ConfigMap(metadata=ObjectMeta(name=name, namespace=self.namespace), data=data))

    def secret(self, name: str, **data: str) -> None:
        self.client.apply(Secret(metadata=ObjectMeta(name=name, namespace=self.namespace), stringData=data))


def is_over(found: dict[str, Any]) -> bool:
    return found.get("status", {}).get("phase") in {"Succeeded", "Failed"}


def phase(found: dict[str, Any]) -> Any:
    return found.get("status", {}).get("phase")


def container(found: dict[str, Any], name: str = "main") -> dict[str, Any]:
    """Its status; empty before there is one."""
    status = found.get("status", {})
    every = [*status.get("containerStatuses", ()), *status.get("initContainerStatuses", ())]
    return next((one for one in every if one["name"] == name), {})


def waiting(found: dict[str, Any], name: str = "main") -> Any:
    return container(found, name).get("state", {}).get("waiting", {}).get("reason")


def ended(found: dict[str, Any], name: str = "main") -> dict[str, Any]:
    said: dict[str, Any] = container(found, name).get("state", {}).get("terminated", {})
    return said


def condition(found: dict[str, Any], name: str) -> Any:
    every = found.get("status", {}).get("conditions", ())
    return next((one["status"] for one in every if one["type"] == name), None)


def processes(word: str) -> list[int]:
    """Of this machine, those that have this word in their command line."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if word.encode() in file.read_bytes().split(b"\0"):
                found.append(int(file.parent.name))
    return found

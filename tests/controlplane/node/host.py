"""What all Pods of one node share: the API, images, addresses, and a place for files and events."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle
from typing import TYPE_CHECKING, Any

from controlplane.node.api import Api, ApiError
from controlplane.node.network import address
from controlplane.node.states import now

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from controlplane.node.images import Image
    from controlplane.node.sandbox import Sandbox

_LONGEST = 300.0
_FIRST_POD = 2


@dataclass
class Host:
    """`folder` is the node's, `claims` that of its cluster; `loopback` are ports of the machine that Pods see too."""

    name: str
    number: int
    api: Api
    folder: Path
    claims: Path
    images: dict[str, Image]
    sandbox: Sandbox
    allocatable: dict[str, str]
    loopback: tuple[int, ...]
    api_port: int
    all_users: bool
    backoff: float
    sync: float
    hosts: dict[str, str] = field(default_factory=dict)  # namespace -> lines about Services
    taken: set[int] = field(default_factory=set)  # last parts of the addresses of Pods that are here
    _numbers: Iterator[int] = field(default_factory=lambda: cycle(range(_FIRST_POD, 255)))
    _events: dict[tuple[str, str, str], tuple[str, int]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return address(self.number, 1)

    def next_pod(self) -> int:
        """The last part of the next Pod's address."""
        last = next(one for one in self._numbers if one not in self.taken)
        self.taken.add(last)
        return last

    def pause(self, restarts: int) -> float:
        """Before the next start: none before the first, then twice as long each time."""
        return 0.0 if restarts < 1 else min(self.backoff * 2.0 ** (restarts - 1), _LONGEST)

    async def event(self, pod: dict[str, Any], reason: str, message: str, *, part: str = "") -> None:
        """An event that is told again is counted."""
        metadata = pod["metadata"]
        path = f"/api/v1/namespaces/{metadata['namespace']}/events"
        key = (metadata["uid"], reason, message)
        with suppress(ApiError):  # a namespace that is going away takes no events
            if key in self._events:
                name, times = self._events[key]
                self._events[key] = (name, times + 1)
                await self.api.patch(f"{path}/{name}", {"count": times + 1, "lastTimestamp": now()})
                return
            made = await self.api.ask("POST", path, self._event(pod, reason, message, part))
            self._events[key] = (made["metadata"]["name"], 1)

    def _event(self, pod: dict[str, Any], reason: str, message: str, part: str) -> dict[str, Any]:
        metadata = pod["metadata"]
        normal = {"Pulled", "Created", "Started", "Killing"}
        return {
            "metadata": {"generateName": f"{metadata['name']}.", "namespace": metadata["namespace"]},
            "involvedObject": {
                "apiVersion": "v1",
                "kind": "Pod",
                **{name: metadata[name] for name in ("name", "namespace", "uid")},
                "fieldPath": part or None,
            },
            "reason": reason,
            "message": message[:1024],
            "type": "Normal" if reason in normal else "Warning",
            "source": {"component": "kubelet", "host": self.name},
            "firstTimestamp": now(),
            "lastTimestamp": now(),
            "count": 1,
        }

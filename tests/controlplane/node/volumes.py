"""The volumes of one Pod as folders of this machine."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from controlplane.node import atomic
from controlplane.node.api import ApiError
from controlplane.node.environment import MissingError
from controlplane.node.payloads import KINDS, Payloads
from controlplane.node.quantities import number

if TYPE_CHECKING:
    from controlplane.node.host import Host
    from controlplane.node.sandbox import Sandbox

_OPEN = 0o777
_SHARED = 0o2775


class Volumes:
    def __init__(self, host: Host, folder: Path) -> None:
        self._host = host
        self._folder = folder / "volumes"
        self._payloads = Payloads(host.api, host.allocatable)
        self._made: set[str] = set()
        self.paths: dict[str, Path] = {}

    async def prepare(self, pod: dict[str, Any], sandbox: Sandbox) -> None:
        """All of them; raises MissingError with what a kubelet says, and may be called again."""
        group = self._group(pod)
        for volume in pod["spec"].get("volumes", ()):
            name = volume["name"]
            try:
                self.paths[name] = await self._one(pod, volume, sandbox, group)
            except (MissingError, ApiError) as error:
                raise MissingError(f'MountVolume.SetUp failed for volume "{name}" : {error}') from error

    async def refresh(self, pod: dict[str, Any]) -> None:
        """What has been changed since; what is gone stays as it was."""
        for volume in pod["spec"].get("volumes", ()):
            if any(kind in volume for kind in KINDS):
                with suppress(MissingError, ApiError):
                    await self._payload(pod, volume, self._group(pod))

    def overfull(self, pod: dict[str, Any]) -> str | None:
        """Why the Pod must go, when an emptyDir holds more than it may."""
        for volume in pod["spec"].get("volumes", ()):
            limit = volume.get("emptyDir", {}).get("sizeLimit")
            memory = volume.get("emptyDir", {}).get("medium") == "Memory"  # a file system that is full by itself
            if limit and not memory and _size(self.paths[volume["name"]]) > number(limit):
                return f'Usage of EmptyDir volume "{volume["name"]}" exceeds the limit "{limit}". '
        return None

    def _group(self, pod: dict[str, Any]) -> int | None:
        """The fsGroup; of one user only, there are no groups to give."""
        found = pod["spec"].get("securityContext", {}).get("fsGroup")
        return int(found) if found is not None and self._host.all_users else None

    async def _one(self, pod: dict[str, Any], volume: dict[str, Any], sandbox: Sandbox, group: int | None) -> Path:
        if "emptyDir" in volume:
            return await self._empty(volume, sandbox, group)
        if "persistentVolumeClaim" in volume:
            return await self._claim(pod, volume["persistentVolumeClaim"]["claimName"], group)
        if any(kind in volume for kind in KINDS):
            return await self._payload(pod, volume, group)
        kind = next(key for key in volume if key != "name")
        raise MissingError(f"the node of these tests has no volumes of the kind {kind}")

    async def _payload(self, pod: dict[str, Any], volume: dict[str, Any], group: int | None) -> Path:
        files = await self._payloads.files(pod, volume)
        folder = self._folder / volume["name"]
        folder.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(atomic.write, folder, files, group=group)
        return folder

    async def _empty(self, volume: dict[str, Any], sandbox: Sandbox, group: int | None) -> Path:
        folder = self._folder / volume["name"]
        if volume["name"] in self._made:
            return folder
        folder.mkdir(parents=True, exist_ok=True)
        mode = _OPEN if group is None else 0o2777
        limit = volume["emptyDir"].get("sizeLimit")
        if volume["emptyDir"].get("medium") == "Memory":
            size = f",size={int(number(limit))}" if limit else ""
            owner = "" if group is None else f",gid={group}"
            await sandbox.memory(folder, f"mode={mode:o}{size}{owner}")
        else:
            _give(folder, mode, group)
        self._made.add(volume["name"])
        return folder

    async def _claim(self, pod: dict[str, Any], name: str, group: int | None) -> Path:
        path = f"/api/v1/namespaces/{pod['metadata']['namespace']}/persistentvolumeclaims/{name}"
        found = await self._host.api.get(path)
        if found is None or found.get("status", {}).get("phase") != "Bound":
            raise MissingError(f'persistentvolumeclaim "{name}" is not bound')
        volume = await self._host.api.get(f"/api/v1/persistentvolumes/{found['spec']['volumeName']}")
        if volume is None or "csi" not in volume["spec"]:
            raise MissingError(f"the volume of {name} is not of these tests' storage class")
        folder = self._host.claims / volume["spec"]["csi"]["volumeHandle"]
        if not folder.is_dir():
            raise MissingError(f"the volume of {name} is gone")
        if group is not None:
            _give(folder, _SHARED, group)
        return folder


def _give(folder: Path, mode: int, group: int | None) -> None:
    if group is not None:
        os.chown(folder, -1, group)
    folder.chmod(mode)


def _size(folder: Path) -> int:
    total = 0
    for top, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                total += Path(top, name).lstat().st_blocks * 512
    return total

"""The storage of one cluster: a folder for each claim of our StorageClass. The cluster's own controllers bind."""

from __future__ import annotations

import logging
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from controlplane.node.api import Api, ApiError

if TYPE_CHECKING:
    from pathlib import Path

PROVISIONER = "test-node.covey.dev"
CLASS = "standard"
_BY = "volume.kubernetes.io/storage-provisioner"
_ON = "volume.kubernetes.io/selected-node"
_THERE = 409  # another node of this cluster was faster
_VOLUMES = "/api/v1/persistentvolumes"


def storage_class() -> dict[str, Any]:
    """The cluster's default; a claim gets its volume when the first Pod asks for it."""
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": CLASS, "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
        "provisioner": PROVISIONER,
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "WaitForFirstConsumer",
    }


class Claims:
    def __init__(self, api: Api, folder: Path) -> None:
        self._api, self._folder = api, folder

    async def follow_claims(self) -> None:
        async for found in self._api.follow("/api/v1/persistentvolumeclaims"):
            for claim in list(found.values()):
                if _waits(claim):
                    await self._make(claim)

    async def follow_volumes(self) -> None:
        async for found in self._api.follow(_VOLUMES):
            for volume in list(found.values()):
                ours = volume["spec"].get("csi", {}).get("driver") == PROVISIONER
                if ours and volume.get("status", {}).get("phase") == "Released":
                    await self._remove(volume)

    async def _make(self, claim: dict[str, Any]) -> None:
        metadata, spec = claim["metadata"], claim["spec"]
        name = f"pvc-{metadata['uid']}"
        (self._folder / name).mkdir(parents=True, exist_ok=True)
        (self._folder / name).chmod(0o777)
        of = {key: metadata[key] for key in ("name", "namespace", "uid", "resourceVersion")}
        body = {
            "metadata": {"name": name, "annotations": {"pv.kubernetes.io/provisioned-by": PROVISIONER}},
            "spec": {
                "accessModes": spec["accessModes"],
                "capacity": {"storage": spec["resources"]["requests"]["storage"]},
                "claimRef": {"apiVersion": "v1", "kind": "PersistentVolumeClaim", **of},
                "csi": {"driver": PROVISIONER, "volumeHandle": name},
                "persistentVolumeReclaimPolicy": "Delete",
                "storageClassName": spec["storageClassName"],
                "volumeMode": "Filesystem",
            },
        }
        try:
            await self._api.ask("POST", _VOLUMES, body)
        except ApiError as error:
            if error.status != _THERE:
                logging.warning("no volume for the claim %s: %s", metadata["name"], error)  # noqa: LOG015 - one log

    async def _remove(self, volume: dict[str, Any]) -> None:
        if volume["spec"]["persistentVolumeReclaimPolicy"] != "Delete":
            return
        with suppress(ApiError):
            await self._api.ask("DELETE", f"{_VOLUMES}/{volume['metadata']['name']}")
            shutil.rmtree(self._folder / volume["spec"]["csi"]["volumeHandle"], ignore_errors=True)


def _waits(claim: dict[str, Any]) -> bool:
    said = claim["metadata"].get("annotations", {})
    return said.get(_BY) == PROVISIONER and _ON in said and "volumeName" not in claim["spec"]

"""The files of ConfigMap, Secret, downward API and projected volumes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from controlplane.node.environment import MissingError, content, missing
from controlplane.node.fields import field, resource

if TYPE_CHECKING:
    from controlplane.node.api import Api

_MODE = 0o644
_RENEW = 0.8  # of a token's life
KINDS = ("configMap", "secret", "downwardAPI", "projected")


@dataclass(frozen=True)
class File:
    data: bytes
    mode: int


Files = dict[str, File]


class Payloads:
    """Of one Pod; tokens are kept until they have to be renewed."""

    def __init__(self, api: Api, allocatable: dict[str, str]) -> None:
        self._api = api
        self._allocatable = allocatable
        self._tokens: dict[str, tuple[str, float]] = {}

    async def files(self, pod: dict[str, Any], volume: dict[str, Any]) -> Files:
        """Raises MissingError."""
        kind = next(kind for kind in KINDS if kind in volume)
        source = volume[kind]
        mode = source.get("defaultMode", _MODE)
        if kind != "projected":
            return await self._source(pod, kind, source, mode)
        files: Files = {}
        for one in source.get("sources", ()):
            for part, said in one.items():
                files |= await self._source(pod, part, said, mode)
        return files

    async def _source(self, pod: dict[str, Any], kind: str, source: dict[str, Any], mode: int) -> Files:
        if kind == "serviceAccountToken":
            return {source["path"]: File((await self._token(pod, source)).encode(), mode)}
        if kind == "downwardAPI":
            return self._said(pod, source, mode)
        name = source.get("secretName") or source["name"]
        what = {"configMap": "ConfigMap", "secret": "Secret"}[kind]
        namespace = pod["metadata"]["namespace"]
        found = await self._api.get(f"/api/v1/namespaces/{namespace}/{kind.lower()}s/{name}")
        if found is None:
            if source.get("optional"):
                return {}
            raise MissingError(missing(what, name))
        return picked(content(what, found), source, mode, f"{what} {namespace}/{name}")

    def _said(self, pod: dict[str, Any], source: dict[str, Any], mode: int) -> Files:
        files = {}
        for item in source.get("items", ()):
            if "fieldRef" in item:
                text = field(pod, item["fieldRef"]["fieldPath"])
            else:
                text = resource(pod, item["resourceFieldRef"], container="", allocatable=self._allocatable)
            files[item["path"]] = File(text.encode(), item.get("mode", mode))
        return files

    async def _token(self, pod: dict[str, Any], source: dict[str, Any]) -> str:
        audience = source.get("audience", "")
        token, until = self._tokens.get(audience, ("", 0.0))
        if time.time() < until:
            return token
        seconds = source.get("expirationSeconds", 3600)
        metadata = pod["metadata"]
        bound = {"kind": "Pod", "apiVersion": "v1", "name": metadata["name"], "uid": metadata["uid"]}
        spec = {"expirationSeconds": seconds, "boundObjectRef": bound, "audiences": [audience] if audience else None}
        account = pod["spec"].get("serviceAccountName", "default")
        path = f"/api/v1/namespaces/{metadata['namespace']}/serviceaccounts/{account}/token"
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
        said = (await self._api.ask("POST", path, body))["status"]
        ends = datetime.strptime(said["expirationTimestamp"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
        now = time.time()
        self._tokens[audience] = (said["token"], now + (ends - now) * _RENEW)
        return str(said["token"])


def picked(data: dict[str, bytes], source: dict[str, Any], mode: int, whose: str) -> Files:
    """All keys, or those that `items` names."""
    items = source.get("items")
    if items is None:
        return {key: File(value, mode) for key, value in data.items()}
    files = {}
    for item in items:
        if item["key"] in data:
            files[item["path"]] = File(data[item["key"]], item.get("mode", mode))
        elif not source.get("optional"):
            raise MissingError(f"references non-existent config key: {item['key']} in {whose}")
    return files

"""The API of a cluster as plain JSON, for the node agent: what lightkube connects, without its models."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx2
from lightkube import KubeConfig
from lightkube.config import client_adapter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

_MERGE = "application/merge-patch+json"
_GONE = 404


class ApiError(Exception):
    """What the API refused."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Api:
    def __init__(self, kubeconfig: Path) -> None:
        config = KubeConfig.from_file(kubeconfig).get()
        assert config is not None
        limits = client_adapter.ConnectionParams(timeout=httpx2.Timeout(20), trust_env=False)
        self._http = client_adapter.AsyncClient(config, limits)

    async def get(self, path: str) -> dict[str, Any] | None:
        """None when there is no such object."""
        try:
            return await self.ask("GET", path)
        except ApiError as error:
            if error.status == _GONE:
                return None
            raise

    async def patch(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return await self.ask("PATCH", path, body, kind=_MERGE)

    async def ask(self, method: str, path: str, body: Any = None, *, kind: str = "application/json") -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        try:
            answer = await self._http.request(method, path, content=data, headers={"content-type": kind})
        except httpx2.HTTPError as error:
            raise ApiError(0, f"no answer: {error!r}") from error
        plain = not answer.headers.get("content-type", "").startswith("application/json")  # as 429 and some 503 are
        found: dict[str, Any] = {"message": answer.text.strip()} if plain else answer.json()
        if answer.is_error:
            raise ApiError(answer.status_code, str(found.get("message")))
        return found

    async def follow(self, path: str, *, selector: str = "") -> AsyncIterator[dict[str, dict[str, Any]]]:
        """All objects by UID, at first and after each change; for ever."""
        while True:
            try:
                async for one in self._follow(path, selector):
                    yield one
            except (ApiError, httpx2.HTTPError, ValueError):
                await asyncio.sleep(0.5)

    async def _follow(self, path: str, selector: str) -> AsyncIterator[dict[str, dict[str, Any]]]:
        query = f"?fieldSelector={selector}&" if selector else "?"
        listed = await self.ask("GET", f"{path}{query}")
        found = {one["metadata"]["uid"]: one for one in listed["items"]}
        yield found
        version = listed["metadata"]["resourceVersion"]
        url = f"{path}{query}watch=true&allowWatchBookmarks=true&resourceVersion={version}"
        async with self._http.stream("GET", url, timeout=httpx2.Timeout(20, read=None)) as answer:
            answer.raise_for_status()
            async for line in answer.aiter_lines():
                event = json.loads(line)
                one = event["object"]
                if event["type"] == "ERROR":
                    return
                if event["type"] == "BOOKMARK":
                    continue
                if event["type"] == "DELETED":
                    found.pop(one["metadata"]["uid"], None)
                else:
                    found[one["metadata"]["uid"]] = one
                yield found

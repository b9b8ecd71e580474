"""A cluster's API as plain JSON, by kubeconfig: lightkube's connection, and objects as they are written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx2 as httpx  # comes with lightkube
from lightkube import KubeConfig
from lightkube.config import client_adapter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from controlplane.rest import Kind

Object = dict[str, Any]
_MERGE = "application/merge-patch+json"
_APPLY = "application/apply-patch+yaml"


class Refused(Exception):  # noqa: N818 - the API's answer, which is often expected
    """The API server's own words; `code` is the HTTP status, `reason` the API's word for it (AlreadyExists, …)."""

    def __init__(self, code: int, said: Any) -> None:
        self.said = said if isinstance(said, dict) else {"message": str(said)}
        self.code, self.reason = code, str(self.said.get("reason", ""))
        super().__init__(self.said.get("message", "") or f"the API answered {code}")


class Api:
    """One identity at one cluster, from any number of threads; `tell` gets every object that a write has returned."""

    def __init__(self, kubeconfig: Path, *, manager: str, tell: Callable[[Kind, Object], None] | None = None) -> None:
        config = KubeConfig.from_file(kubeconfig).get()
        self.url, self.config = config.cluster.server, config
        self._manager, self.tell = manager, tell
        self._http = client_adapter.Client(
            config, client_adapter.ConnectionParams(timeout=httpx.Timeout(15.0, pool=60.0), trust_env=False)
        )

    def get(self, kind: Kind, name: str, namespace: str = "") -> Object | None:
        try:
            return self.ask("GET", kind.of(_id(name, namespace)))
        except Refused as refused:
            if refused.code == httpx.codes.NOT_FOUND:
                return None
            raise

    def list(self, kind: Kind, namespace: str = "", *, labels: str = "") -> list[Object]:
        found = self.ask("GET", path(kind, namespace), params={"labelSelector": labels} if labels else {})
        return [_whole(kind, one) for one in found["items"]]

    def create(self, kind: Kind, one: Object) -> Object:
        root = path(kind, one["metadata"].get("namespace", ""))
        return self._write(kind, "POST", root, _whole(kind, one))

    def update(self, kind: Kind, one: Object, *, part: str = "") -> Object:
        """Whole, with its resourceVersion: refused with 409 when somebody else was faster."""
        return self._write(kind, "PUT", kind.of(one["metadata"]) + _sub(part), _whole(kind, one))

    def patch(self, kind: Kind, name: str, change: Object, *, namespace: str = "", part: str = "") -> Object:
        """A JSON merge patch; `part` is a subresource, as `status`."""
        where = kind.of(_id(name, namespace)) + _sub(part)
        return self._write(kind, "PATCH", where, change, content=_MERGE)

    def apply(self, kind: Kind, one: Object, *, manager: str = "", force: bool = True) -> Object:
        """Server-side apply."""
        params = {"fieldManager": manager or self._manager, "force": str(force).lower()}
        return self._write(kind, "PATCH", kind.of(one["metadata"]), _whole(kind, one), content=_APPLY, params=params)

    def delete(self, kind: Kind, name: str, namespace: str = "", *, propagation: str = "Background") -> None:
        """It may be gone already."""
        try:
            self.ask("DELETE", kind.of(_id(name, namespace)), {"propagationPolicy": propagation})
        except Refused as refused:
            if refused.code != httpx.codes.NOT_FOUND:
                raise

    def watch(self, kind: Kind, namespace: str, since: str, selectors: dict[str, str]) -> Iterator[tuple[str, Object]]:
        """Events since a resource version, until the server ends the watch; Refused with 410 when it is too old."""
        params = {"watch": "true", "resourceVersion": since, "timeoutSeconds": "300", **selectors}
        wait = httpx.Timeout(15.0, read=310.0, pool=60.0)
        with self._http.stream("GET", path(kind, namespace), params=params, timeout=wait) as answer:
            if answer.is_error:
                answer.read()
                raise _refusal(answer)
            for line in answer.iter_lines():
                event = json.loads(line)
                if event["type"] == "ERROR":
                    raise Refused(event["object"].get("code", 500), event["object"])
                yield event["type"], _whole(kind, event["object"])

    def ask(
        self, method: str, where: str, body: Any = None, *, content: str = "", params: Any = None, actor: str = ""
    ) -> Any:
        """Anything else; the decoded answer. `actor` is a user whose rights count instead."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": content or "application/json"} if data else {}
        headers |= {"impersonate-user": actor} if actor else {}
        answer = self._http.request(method, where, content=data, headers=headers, params=params or {})
        if answer.is_error:
            raise _refusal(answer)
        return answer.json() if answer.content else None

    def ask_text(self, where: str) -> str:
        """Of what is no JSON."""
        answer = self._http.get(where)
        if answer.is_error:
            raise _refusal(answer)
        return str(answer.text)

    def close(self) -> None:
        self._http.close()

    def _write(
        self, kind: Kind, method: str, where: str, body: Object, *, content: str = "", params: Any = None
    ) -> Object:
        given = {"fieldManager": self._manager} | (params or {})
        answer: Object = self.ask(method, where, body, content=content, params=given)
        if self.tell:
            self.tell(kind, answer)
        return answer


def path(kind: Kind, namespace: str = "") -> str:
    """Of a list."""
    return kind.collection(_id("any", namespace)) if kind.namespaced and namespace else kind.path


def _id(name: str, namespace: str) -> Object:
    return {"name": name, "namespace": namespace}


def _sub(part: str) -> str:
    return f"/{part}" if part else ""


def _whole(kind: Kind, one: Object) -> Object:
    """Lists leave out what their items are."""
    return {"apiVersion": kind.group_version, "kind": kind.kind, **one}


def _refusal(answer: Any) -> Refused:
    try:
        return Refused(answer.status_code, answer.json())
    except ValueError:
        return Refused(answer.status_code, answer.text.strip())

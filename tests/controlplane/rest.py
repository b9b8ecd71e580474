"""The API of one cluster as plain JSON over one connection: for what is about all kinds at once."""

from __future__ import annotations

import http.client
import json
import ssl
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from controlplane.cluster import Cluster


_JSON = "application/json"
METADATA = f"{_JSON};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_DISCOVERY = f"{_JSON};g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


@dataclass(frozen=True)
class Kind:
    """A resource that can be listed and deleted; `path` is that of its whole list, over all namespaces."""

    group_version: str
    kind: str
    plural: str
    namespaced: bool

    @property
    def path(self) -> str:
        return f"{self._root}/{self.plural}"

    def of(self, metadata: dict[str, Any]) -> str:
        """The path of one object."""
        inside = f"/namespaces/{metadata['namespace']}" if self.namespaced else ""
        return f"{self._root}{inside}/{self.plural}/{metadata['name']}"

    def collection(self, metadata: dict[str, Any]) -> str:
        return self.of(metadata).rpartition("/")[0]

    @property
    def _root(self) -> str:
        return f"/apis/{self.group_version}" if "/" in self.group_version else f"/api/{self.group_version}"


class Rest:
    """As the cluster's admin."""

    def __init__(self, cluster: Cluster) -> None:
        context = ssl.create_default_context(cadata=cluster.authority.pem.decode())
        with tempfile.TemporaryDirectory() as folder:
            pem = Path(folder, "admin.pem")
            pem.write_bytes(b"".join(cluster.authority.issue("admin", groups=("system:masters",))))
            context.load_cert_chain(pem)
        self._connection = http.client.HTTPSConnection("127.0.0.1", cluster.port, timeout=30, context=context)

    def ask(
        self, method: str, path: str, body: Any = None, *, kind: str = _JSON, accept: str = _JSON
    ) -> tuple[int, Any]:
        """Status and decoded answer; an idle connection that the server has closed is opened again."""
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()  # YAML has no surrogates
        headers = {"accept": accept} | ({"content-type": kind} if data else {})
        try:
            return self._ask(method, path, data, headers)
        except (http.client.RemoteDisconnected, ConnectionError, ssl.SSLError):
            self._connection.close()
            return self._ask(method, path, data, headers)
        except TimeoutError:
            self._connection.close()  # or the answer that comes late would be taken for the next one's
            raise

    def kinds(self) -> Iterator[Kind]:
        """Of each kind the version that the server prefers; a group may have its kinds in several versions."""
        for root in ("/api", "/apis"):
            for group in self.ask("GET", root, accept=_DISCOVERY)[1]["items"]:
                name, seen = group["metadata"].get("name", ""), set()
                for version in group["versions"]:
                    for one in version.get("resources", []):  # none where a group is without its server
                        if one["resource"] not in seen and {"list", "delete"} <= set(one["verbs"]):
                            seen.add(one["resource"])
                            group_version = f"{name}/{version['version']}" if name else version["version"]
                            kind, namespaced = one["responseKind"]["kind"], one["scope"] == "Namespaced"
                            yield Kind(group_version, kind, one["resource"], namespaced)

    def objects(self, kind: Kind, *, accept: str = _JSON) -> list[dict[str, Any]]:
        """None of a kind that is no longer served; an API server that has no answer yet is asked again."""
        for _ in range(50):
            status, found = self.ask("GET", kind.path, accept=accept)
            if status != 429:
                break
            time.sleep(0.1)
        assert status in {200, 404, 405, 503}, found
        return found["items"] or [] if status == 200 else []

    def close(self) -> None:
        self._connection.close()

    def _ask(self, method: str, path: str, data: bytes | None, headers: dict[str, str]) -> tuple[int, Any]:
        self._connection.request(method, path, data, headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.headers.get_content_type() != "application/json":  # a group that is not served yet, say
            return answer.status, {"message": text.decode(errors="replace").strip()}
        return answer.status, json.loads(text) if text else None

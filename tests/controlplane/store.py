"""What a cluster keeps in etcd, by key: the quickest way to see what has been touched."""

from __future__ import annotations

import http.client
import json
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from controlplane.cluster import Cluster

# Where the key of a resource has another name than the resource.
_NAMES = {"minions": "nodes", "controllers": "replicationcontrollers", "ingress": "ingresses"}


class Store:
    """Asked in etcd's JSON, as https://etcd.io/docs/v3.5/dev-guide/api_grpc_gateway/ has it."""

    def __init__(self, cluster: Cluster) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(cluster.etcd).netloc, timeout=30)
        self._prefix = f"/{cluster.name}/"

    def revisions(self) -> dict[str, int]:
        """The revision in which each key was written last; keys are without the cluster's prefix."""
        end = f"{self._prefix[:-1]}0"  # the character after the slash
        found = self._ask({"key": _packed(self._prefix), "range_end": _packed(end), "keys_only": True})
        start = len(self._prefix)
        return {b64decode(one["key"]).decode()[start:]: int(one["mod_revision"]) for one in found.get("kvs", ())}

    def close(self) -> None:
        self._connection.close()

    def _ask(self, body: dict[str, Any]) -> Any:
        data, headers = json.dumps(body).encode(), {"content-type": "application/json"}
        try:
            self._connection.request("POST", "/v3/kv/range", data, headers)
            answer = self._connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):  # it was idle for too long
            self._connection.close()
            self._connection.request("POST", "/v3/kv/range", data, headers)
            answer = self._connection.getresponse()
        text = answer.read()
        assert answer.status == 200, text
        return json.loads(text)


def resource_names(key: str) -> set[str]:
    """What the resource of a key may be called; keys of some groups begin with the group's name."""
    return {_NAMES.get(part, part) for part in key.split("/")[:2]}


def _packed(text: str) -> str:
    return b64encode(text.encode()).decode()

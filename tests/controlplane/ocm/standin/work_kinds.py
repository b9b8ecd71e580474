"""Which resource a kind is, asked from the API server; learned anew when a kind is not known yet."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from controlplane.ocm.api import Object, Refused
from controlplane.rest import Kind

if TYPE_CHECKING:
    from controlplane.ocm.api import Api


class NoKindError(Exception):
    """No such kind at this cluster."""


class Kinds:
    """From any number of threads."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._known: dict[tuple[str, str], Kind] = {}
        self._lock = threading.Lock()

    def of(self, one: Object) -> Kind:
        key = (str(one.get("apiVersion", "")), str(one.get("kind", "")))
        with self._lock:
            if key not in self._known:
                self._learn(key[0])
            if key not in self._known:
                raise NoKindError(f'the server doesn\'t have a resource type "{key[1]}"')
            return self._known[key]

    def _learn(self, version: str) -> None:
        root = f"/apis/{version}" if "/" in version else f"/api/{version}"
        try:
            found = self._api.ask("GET", root)["resources"]
        except Refused:
            return
        for one in found:
            if "/" not in one["name"]:
                known = Kind(version, one["kind"], one["name"], namespaced=one["namespaced"])
                self._known[version, one["kind"]] = known


def by_resource(group: str, version: str, resource: str, *, namespace: str) -> Kind:
    """What a work's status names; its kind is not needed for reading and deleting."""
    return Kind(f"{group}/{version}" if group else version, "", resource, namespaced=bool(namespace))


def group_of(version: str) -> str:
    return version.rpartition("/")[0]

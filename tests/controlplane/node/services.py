"""Services: each has its address on the node, and a connection to it goes on to one of its endpoints, in user space."""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Any

from controlplane.node.api import Api, ApiError

if TYPE_CHECKING:
    from collections.abc import Callable

    from controlplane.node.host import Host
    from controlplane.node.sandbox import Sandbox

Where = tuple[str, int]
Goal = tuple[str, dict[str, Any]]  # a Service's UID, and one of its ports
_CHUNK = 1 << 16
_PAUSE = 1.0


async def forward(
    inside: Sandbox, listen: Where, to: Where | Callable[[], Where | None], *, out: Sandbox | None = None
) -> asyncio.Server:
    """From an address in one network to one in another: that of `out`, or the machine's own."""
    sock = await inside.socket()
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections of an earlier listener linger
        sock.bind(listen)
        sock.listen()
    except OSError:
        sock.close()
        raise

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = to() if callable(to) else to
        with suppress(OSError, asyncio.IncompleteReadError):
            if there is not None:
                await _join(reader, writer, *await _open(there, out))
        writer.close()

    return await asyncio.start_server(served, sock=sock)


async def _open(where: Where, out: Sandbox | None) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if out is None:
        return await asyncio.open_connection(*where)
    sock = await out.socket()
    try:
        async with asyncio.timeout(5):
            await asyncio.get_running_loop().sock_connect(sock, where)
    except BaseException:
        sock.close()
        raise
    return await asyncio.open_connection(sock=sock)


async def _join(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    far: asyncio.StreamReader,
    back: asyncio.StreamWriter,
) -> None:
    try:
        await asyncio.gather(_pump(reader, back), _pump(far, writer))
    finally:
        back.close()


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(_CHUNK):
        target.write(data)
        await target.drain()
    with suppress(OSError):
        target.write_eof()


class Services:
    """Keeps the listeners and the hosts files in step with Services and their EndpointSlices."""

    def __init__(self, host: Host, api: Api, changed: Callable[[], None]) -> None:
        self._host, self._api, self._changed = host, api, changed
        self._services: dict[str, dict[str, Any]] = {}
        self._slices: dict[str, dict[str, Any]] = {}
        self._goals: dict[Where, Goal] = {}
        self._open: dict[Where, asyncio.Server] = {}
        self._refused: dict[Where, str] = {}
        self._turn = count()
        self._lock = asyncio.Lock()

    async def follow_services(self) -> None:
        async for found in self._api.follow("/api/v1/services"):
            self._services = dict(found)
            await self._update()
            for one in self._services.values():
                await self._balance(one)

    async def follow_slices(self) -> None:
        async for found in self._api.follow("/apis/discovery.k8s.io/v1/endpointslices"):
            self._slices = dict(found)
            await self._update()

    async def listen_again(self) -> None:
        """What the machine refused may be free by now."""
        while True:
            await asyncio.sleep(_PAUSE)
            if self._goals.keys() - self._open.keys():
                await self._update()

    async def _update(self) -> None:
        """Listens for Services that have ready endpoints, so that others refuse, as with a real kube-proxy."""
        async with self._lock:
            self._goals = {where: goal for where, goal in self._wanted().items() if self._addresses(*goal)}
            for where in self._open.keys() - self._goals.keys():
                self._open.pop(where).close()
            for where in self._goals.keys() - self._open.keys():
                await self._listen(where)
            self._names()

    async def _listen(self, where: Where) -> None:
        node = self._host.sandbox
        try:
            self._open[where] = await forward(node, where, lambda: self._endpoint(where), out=node)
        except OSError as error:
            if self._refused.get(where) != str(error):
                logging.warning("nothing listens on %s:%d: %s", *where, error)  # noqa: LOG015 - this program's log
            self._refused[where] = str(error)
        else:
            self._refused.pop(where, None)

    def _wanted(self) -> dict[Where, Goal]:
        """Two Services may want one port of the node; the elder has it."""
        made: dict[Where, Goal] = {}
        for service in sorted(self._services.values(), key=_age):
            for port in [one for one in service["spec"].get("ports", ()) if one.get("protocol", "TCP") == "TCP"]:
                for where in self._places(service, port):
                    made.setdefault(where, (service["metadata"]["uid"], port))
        return made

    def _places(self, service: dict[str, Any], port: dict[str, Any]) -> list[Where]:
        address = service["spec"].get("clusterIP", "None")
        places = [] if address == "None" or self._is_api(service) else [(address, port["port"])]
        if "nodePort" in port:
            places.append((self._host.address, port["nodePort"]))
        if service["spec"]["type"] == "LoadBalancer":
            places.append((self._host.address, port["port"]))
        return places

    def _is_api(self, service: dict[str, Any]) -> bool:
        metadata = service["metadata"]
        return (metadata["namespace"], metadata["name"]) == ("default", "kubernetes")

    def _endpoint(self, where: Where) -> Where | None:
        """As things are now: the listener may be older than the Service that it serves."""
        found = self._addresses(*self._goals[where]) if where in self._goals else []
        return found[next(self._turn) % len(found)] if found else None

    def _addresses(self, uid: str, wanted: dict[str, Any]) -> list[Where]:
        name = wanted.get("name", "")
        return [
            (one["addresses"][0], port["port"])
            for part in self._of(uid)
            for port in part.get("ports") or ()
            if (port.get("name") or "") == name
            for one in part.get("endpoints") or ()
            if one.get("conditions", {}).get("ready")
        ]

    def _of(self, uid: str) -> list[dict[str, Any]]:
        owned = self._slices.values()
        return [one for one in owned if any(o["uid"] == uid for o in one["metadata"].get("ownerReferences", ()))]

    async def _balance(self, service: dict[str, Any]) -> None:
        """The node is its own load balancer."""
        wanted = {"ingress": [{"ip": self._host.address, "ipMode": "VIP"}]}
        is_one = service["spec"]["type"] == "LoadBalancer"
        if not is_one or service.get("status", {}).get("loadBalancer", {}).get("ingress"):
            return
        metadata = service["metadata"]
        path = f"/api/v1/namespaces/{metadata['namespace']}/services/{metadata['name']}/status"
        with suppress(ApiError):
            await self._api.patch(path, {"status": {"loadBalancer": wanted}})

    def _names(self) -> None:
        """Lines for the Pods' hosts files, by namespace: short names are those of the own one."""
        lines: list[tuple[str, str, str]] = []
        for uid, service in self._services.items():
            name, namespace = service["metadata"]["name"], service["metadata"]["namespace"]
            address = service["spec"].get("clusterIP", "None")
            if address == "None":
                ready = [one for part in self._of(uid) for one in part.get("endpoints") or ()]
                lines += [(one["addresses"][0], name, namespace) for one in ready if one["conditions"].get("ready")]
            elif not self._is_api(service):
                lines.append((address, name, namespace))
        spaces = {namespace for _, _, namespace in lines}
        self._host.hosts = {space: "".join(_line(*one, space) for one in lines) for space in ("", *spaces)}
        self._changed()


def _age(service: dict[str, Any]) -> tuple[str, str]:
    return service["metadata"].get("creationTimestamp", ""), service["metadata"]["uid"]


def _line(address: str, name: str, namespace: str, own: str) -> str:
    whole = f"{name}.{namespace}"
    names = [f"{whole}.svc.cluster.local", f"{whole}.svc", whole, *([name] if namespace == own else [])]
    return f"{address}\t{' '.join(names)}\n"

"""How a node passes connections on to what is behind a Service, on the machine's own network."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest

from controlplane.node.services import Services


class OwnNetwork:
    async def socket(self):
        made = socket.socket()
        made.settimeout(0)
        return made


def service(uid, port, *, name="web", created="2026-01-01T00:00:00Z", **spec):
    ports = [{"name": name, "port": port}]
    metadata = {"uid": uid, "name": uid, "namespace": "default", "creationTimestamp": created}
    return {"metadata": metadata, "spec": {"type": "ClusterIP", "clusterIP": "127.0.0.1", "ports": ports, **spec}}


def slices(uid, port, *, name="web", ready=True):
    endpoints = [{"addresses": ["127.0.0.1"], "conditions": {"ready": ready}}]
    return {
        "metadata": {"ownerReferences": [{"uid": uid}]},
        "ports": [{"name": name, "port": port}],
        "endpoints": endpoints,
    }


class Node:
    """Services as a test wants them."""

    def __init__(self):
        host = SimpleNamespace(sandbox=OwnNetwork(), address="127.0.0.2", hosts={})
        self._services = Services(host, None, lambda: None)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self.shows([], [])
        await asyncio.sleep(0.05)  # connections close in the loop's next turns

    async def shows(self, services, endpoints):
        self._services._services = {one["metadata"]["uid"]: one for one in services}  # noqa: SLF001 - as the API says
        self._services._slices = dict(enumerate(endpoints))  # noqa: SLF001
        await self._services._update()  # noqa: SLF001

    def listen_again(self):
        return asyncio.create_task(self._services.listen_again())


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@asynccontextmanager
async def answering(text):
    """The port of a server that says this."""

    async def served(_, writer):
        writer.write(text.encode())
        writer.close()

    server = await asyncio.start_server(served, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def said(port, address="127.0.0.1"):
    reader, writer = await asyncio.open_connection(address, port)
    found = await reader.read()
    writer.close()
    return found.decode()


def test_a_service_without_ready_endpoints_refuses_connections():
    async def trial():
        port = free_port()
        async with answering("here") as goal, Node() as node:
            await node.shows([service("a", port)], [slices("a", goal, ready=False)])
            with pytest.raises(ConnectionRefusedError):
                await said(port)
            await node.shows([service("a", port)], [slices("a", goal)])
            assert await said(port) == "here"
            await node.shows([service("a", port)], [])
            with pytest.raises(ConnectionRefusedError):
                await said(port)
            await node.shows([service("a", port)], [slices("a", goal)])  # its connections linger in TIME_WAIT
            assert await said(port) == "here"

    asyncio.run(trial())


def test_a_service_whose_port_gets_another_name_is_served_on():
    async def trial():
        port = free_port()
        async with answering("here") as goal, Node() as node:
            await node.shows([service("a", port)], [slices("a", goal)])
            await node.shows([service("a", port, name="api")], [slices("a", goal, name="api")])
            assert await said(port) == "here"

    asyncio.run(trial())


def test_of_two_balancers_on_one_port_the_elder_is_served_and_then_the_other():
    async def trial():
        port = free_port()
        async with answering("old") as old, answering("new") as new, Node() as node:
            first = service("b", port, type="LoadBalancer", clusterIP="None")
            second = service("a", port, type="LoadBalancer", clusterIP="None", created="2026-01-02T00:00:00Z")
            endpoints = [slices("a", new), slices("b", old)]
            await node.shows([first, second], endpoints)
            assert await said(port, "127.0.0.2") == "old"
            await node.shows([second], endpoints)
            assert await said(port, "127.0.0.2") == "new"

    asyncio.run(trial())


def test_a_port_that_is_taken_is_tried_again(monkeypatch):
    monkeypatch.setattr("controlplane.node.services._PAUSE", 0.05)

    async def trial():
        port = free_port()
        async with answering("here") as goal, Node() as node:
            with socket.socket() as taken:
                taken.bind(("127.0.0.1", port))
                taken.listen()
                await node.shows([service("a", port)], [slices("a", goal)])
            again = node.listen_again()
            async with asyncio.timeout(5):
                while await _tried(port) != "here":  # noqa: ASYNC110 - nothing tells when the port is open
                    await asyncio.sleep(0.05)
            again.cancel()

    asyncio.run(trial())


async def _tried(port):
    try:
        return await said(port)
    except OSError:
        return ""

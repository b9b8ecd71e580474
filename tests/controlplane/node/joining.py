"""Joins a Pod to the network of its node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controlplane.node.network import address, hardware
from controlplane.node.services import forward

if TYPE_CHECKING:
    import asyncio

    from controlplane.node.host import Host
    from controlplane.node.sandbox import Sandbox


async def connect(host: Host, sandbox: Sandbox, name: str) -> str:
    """By a pair of virtual cards between the Pod and its node's bridge; the Pod's address."""
    last = host.next_pod()
    own = address(host.number, last)
    card, inside = f"p{sandbox.pid}", f"/proc/{sandbox.pid}/ns/net"
    await sandbox.name(name[:63])
    hers = f"eth0 address {hardware(host.number, last)} netns {inside}"
    await host.sandbox.ip([f"link add {card} type veth peer name {hers}", f"link set {card} master pods up"])
    lines = ["link set lo up", f"addr add {own}/16 dev eth0", "link set eth0 up"]
    await sandbox.ip([*lines, f"route add default via {host.address}"])
    return own


async def open_loopback(host: Host, sandbox: Sandbox) -> list[asyncio.Server]:
    """The API servers of the plane, where kubeconfigs say that they are."""
    return [await forward(sandbox, ("127.0.0.1", port), ("127.0.0.1", port)) for port in host.loopback]

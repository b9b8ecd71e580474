"""`python -m controlplane.node …`: a node agent for tests; `start.py` starts it with all that it needs."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from controlplane.node import images, network

if TYPE_CHECKING:
    from controlplane.node.host import Host
    from controlplane.node.sandbox import Sandbox


def main() -> None:
    said = _options()
    all_users = not os.geteuid()
    network.enter(said.network)  # while there is one thread
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    asyncio.run(_run(said, all_users=all_users))


async def _run(said: argparse.Namespace, *, all_users: bool) -> None:
    from controlplane.node.agent import Agent  # noqa: PLC0415 - what these import starts threads
    from controlplane.node.api import Api  # noqa: PLC0415
    from controlplane.node.claims import Claims  # noqa: PLC0415
    from controlplane.node.logs import serve  # noqa: PLC0415
    from controlplane.node.sandbox import Sandbox  # noqa: PLC0415
    from controlplane.node.services import Services  # noqa: PLC0415

    admin = Api(said.admin)
    sandbox = Sandbox(said.folder)
    await _connect(sandbox, said.number, said.network)
    host = _host(said, sandbox, all_users=all_users)
    agent = Agent(host, admin)
    agent.port = await serve(said.certificate, said.key, agent.logs)
    await agent.register()
    services, claims = Services(host, admin, agent.write_hosts), Claims(admin, said.claims)
    loops = (
        agent.beat(),
        agent.follow(),
        services.follow_services(),
        services.follow_slices(),
        services.listen_again(),
        claims.follow_claims(),
        claims.follow_volumes(),
    )
    tasks = [asyncio.create_task(one) for one in loops]
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, lambda: [one.cancel() for one in tasks])
    try:
        await asyncio.gather(*tasks)
    except asyncio.CancelledError:
        await agent.close()
    finally:
        sandbox.close()


def _host(said: argparse.Namespace, sandbox: Sandbox, *, all_users: bool) -> Host:
    from controlplane.node.api import Api  # noqa: PLC0415 - as above
    from controlplane.node.host import Host  # noqa: PLC0415

    return Host(
        name=said.name,
        number=said.number,
        api=Api(said.kubeconfig),
        folder=said.folder,
        claims=said.claims,
        images=images.read(said.images),
        sandbox=sandbox,
        allocatable=json.loads(said.capacity),
        loopback=tuple(said.loopback),
        api_port=said.api_port,
        all_users=all_users,
        backoff=said.backoff,
        sync=said.sync,
    )


async def _connect(sandbox: Sandbox, number: int, holder: int) -> None:
    """The node's bridge, which is a part of the plane's; addresses of Services are the node's own."""
    name = f"n{sandbox.pid}"
    await sandbox.ip(
        [
            "link set lo up",
            f"link add pods address {network.hardware(number, 1)} type bridge",
            f"link add up0 type veth peer name {name} netns /proc/{holder}/ns/net",
            "link set up0 master pods up",
            "link set pods up",
            f"addr add {network.address(number, 1)}/16 dev pods",
            "route add local 10.0.0.0/16 dev lo",
        ]
    )
    await sandbox.ip([f"link set {name} master {network.BRIDGE} up"], of=holder)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    for name in ("kubeconfig", "admin", "folder", "claims", "images", "certificate", "key"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    for name in ("number", "network", "api-port"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--capacity", required=True)
    parser.add_argument("--loopback", type=int, action="append", default=[])
    parser.add_argument("--backoff", type=float, default=10.0)
    parser.add_argument("--sync", type=float, default=1.0)
    return parser.parse_args()


if __name__ == "__main__":
    main()

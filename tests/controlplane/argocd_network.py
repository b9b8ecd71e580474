"""The network that Argo CD's processes have for themselves, where the hub's address leads to the hub.

Its controller listens on every address, so it is locked into a network namespace. From there only a socket file leads
out: a relay inside listens at the hub's own address, one outside goes on to the hub.

`python -m controlplane.argocd_network inside|outside PORT SOCKET`
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    with suppress(OSError):
        writer.write_eof()


def _relay(connect: Callable[[], Awaitable[Ends]]) -> Callable[..., Awaitable[None]]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await connect()
        except OSError:  # the hub is restarting
            writer.close()
            return
        await asyncio.gather(_pump(reader, back), _pump(there, writer))
        for end in (writer, back):
            end.close()

    return handle


async def _serve(side: str, port: int, path: str) -> None:
    if side == "inside":
        server = await asyncio.start_server(_relay(lambda: asyncio.open_unix_connection(path)), "127.0.0.1", port)
    else:
        server = await asyncio.start_unix_server(_relay(lambda: asyncio.open_connection("127.0.0.1", port)), path)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2]), sys.argv[3]))

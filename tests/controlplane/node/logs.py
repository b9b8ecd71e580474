"""The part of a kubelet's API that `kubectl logs` needs."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_WAIT = 0.1


async def serve(certificate: Path, key: Path, find: Callable[[str, str, str], Path | None]) -> int:
    """The port; `find` answers the folder of a container's logs by namespace, Pod and container."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            url = urlsplit(head.split(" ", 2)[1])
            parts = url.path.strip("/").split("/")
            folder = find(parts[1], parts[2], parts[3]) if parts[0] == "containerLogs" and len(parts) == 4 else None
            await _answer(writer, folder, {name: values[-1] for name, values in parse_qs(url.query).items()})
        writer.close()

    server = await asyncio.start_server(served, "127.0.0.1", 0, ssl=tls)
    return int(server.sockets[0].getsockname()[1])


async def _answer(writer: asyncio.StreamWriter, folder: Path | None, asked: dict[str, str]) -> None:
    file = _file(folder, previous=asked.get("previous") == "true") if folder else None
    if file is None:
        writer.write(b"HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\nthere is no log of this container\n")
        await writer.drain()
        return
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n")
    data = file.read_bytes()
    writer.write(_tail(data, int(asked["tailLines"])) if "tailLines" in asked else data)
    await writer.drain()
    sent = len(data)
    while asked.get("follow") == "true" and file.exists() and not writer.is_closing():
        await asyncio.sleep(_WAIT)
        with suppress(FileNotFoundError):
            data = file.read_bytes()
        writer.write(data[sent:])
        await writer.drain()
        sent = len(data)
        if (file.parent / "over").exists():
            return


def _file(folder: Path, *, previous: bool) -> Path | None:
    found = sorted((one for one in folder.glob("*.log")), key=lambda one: int(one.stem))
    wanted = 2 if previous else 1
    return found[-wanted] if len(found) >= wanted else None


def _tail(data: bytes, lines: int) -> bytes:
    kept = data.splitlines(keepends=True)
    return b"".join(kept[-lines:] if lines else [])

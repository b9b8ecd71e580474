"""The part of a kubelet's API that `kubectl logs` needs."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_WAIT = 0.1


@dataclass(frozen=True)
class Log:
    """Of one container: a file for each start."""

    folder: Path
    grows: Callable[[], bool]


def logs_folder(node: Path, metadata: dict[str, Any]) -> Path:
    """Of one Pod; it stays when the Pod is gone."""
    return node / "logs" / "_".join(metadata[key] for key in ("namespace", "name", "uid"))


async def serve(certificate: Path, key: Path, find: Callable[[str, str, str], Log | None]) -> int:
    """The port; `find` answers the log of a container by namespace, Pod and container."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            url = urlsplit(head.split(" ", 2)[1])
            parts = url.path.strip("/").split("/")
            log = find(parts[1], parts[2], parts[3]) if parts[0] == "containerLogs" and len(parts) == 4 else None
            await _answer(writer, log, {name: values[-1] for name, values in parse_qs(url.query).items()})
        writer.close()

    server = await asyncio.start_server(served, "127.0.0.1", 0, ssl=tls)
    return int(server.sockets[0].getsockname()[1])


async def _answer(writer: asyncio.StreamWriter, log: Log | None, asked: dict[str, str]) -> None:
    file = _file(log.folder, previous=asked.get("previous") == "true") if log else None
    if log is None or file is None:
        writer.write(b"HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\nthere is no log of this container\n")
        await writer.drain()
        return
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n")
    data = file.read_bytes()
    writer.write(_tail(data, int(asked["tailLines"])) if "tailLines" in asked else data)
    await writer.drain()
    sent = len(data)
    more = asked.get("follow") == "true"
    while more and not writer.is_closing():
        more = log.grows()  # asked first: what it wrote before its end is read after
        await asyncio.sleep(_WAIT)
        data = file.read_bytes()
        writer.write(data[sent:])
        await writer.drain()
        sent = len(data)


def _file(folder: Path, *, previous: bool) -> Path | None:
    found = sorted((one for one in folder.glob("*.log")), key=lambda one: int(one.stem))
    wanted = 2 if previous else 1
    return found[-wanted] if len(found) >= wanted else None


def _tail(data: bytes, lines: int) -> bytes:
    kept = data.splitlines(keepends=True)
    return b"".join(kept[-lines:] if lines else [])

"""Startup, readiness and liveness probes."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from controlplane.node.sandbox import Sandbox

_UNVERIFIED = ssl.create_default_context()
_UNVERIFIED.check_hostname = False
_UNVERIFIED.verify_mode = ssl.CERT_NONE


@dataclass
class Tally:
    """Consecutive answers against the thresholds of a probe. Pure."""

    success: int
    failure: int
    good: int = 0
    bad: int = 0

    def count(self, *, good: bool) -> bool | None:
        """The verdict, or None while it stands as it was."""
        self.good, self.bad = (self.good + 1, 0) if good else (0, self.bad + 1)
        if good:
            return True if self.good >= self.success else None
        return False if self.bad >= self.failure else None


@dataclass(frozen=True)
class Prober:
    """Asks one container; `dial` is the node, from which the requests come."""

    spec: dict[str, Any]
    address: str
    ports: dict[str, int]
    dial: Sandbox
    execute: Callable[[list[str], float], Awaitable[tuple[int, str]]]

    def tally(self) -> Tally:
        return Tally(self.spec.get("successThreshold", 1), self.spec.get("failureThreshold", 3))

    @property
    def period(self) -> float:
        return float(self.spec.get("periodSeconds", 10))

    @property
    def delay(self) -> float:
        return float(self.spec.get("initialDelaySeconds", 0))

    async def ask(self) -> str:
        """What is wrong; empty when nothing is."""
        seconds = float(self.spec.get("timeoutSeconds", 1))
        try:
            if "exec" in self.spec:
                code, said = await self.execute(self.spec["exec"]["command"], seconds)
                return "" if code == 0 else said or f"exit code {code}"
            async with asyncio.timeout(seconds):
                return await (self._http() if "httpGet" in self.spec else self._tcp())
        except TimeoutError:
            return f"timed out after {seconds:.0f}s"
        except OSError as error:
            return str(error)

    async def _tcp(self) -> str:
        self_spec = self.spec["tcpSocket"]
        _, writer = await self._open(self_spec)
        writer.close()
        return ""

    async def _http(self) -> str:
        get = self.spec["httpGet"]
        reader, writer = await self._open(get)
        host = get.get("host") or f"{self.address}:{self._port(get)}"
        said = {"Host": host, "User-Agent": "kube-probe/1.36", "Accept": "*/*", "Connection": "close"}
        said |= {one["name"]: one["value"] for one in get.get("httpHeaders", ())}
        lines = [f"GET {get.get('path') or '/'} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items())]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        status = (await reader.readline()).split()
        writer.close()
        with suppress(OSError, ssl.SSLError):
            await writer.wait_closed()
        code = int(status[1]) if len(status) > 1 else 0
        return "" if 200 <= code < 400 else f"HTTP probe failed with statuscode: {code}"

    async def _open(self, where: dict[str, Any]) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        sock = await self.dial.socket()
        try:
            host = where.get("host") or self.address
            await asyncio.get_running_loop().sock_connect(sock, (host, self._port(where)))
        except BaseException:
            sock.close()
            raise
        tls = {"ssl": _UNVERIFIED, "server_hostname": ""} if where.get("scheme") == "HTTPS" else {}
        return await asyncio.open_connection(sock=sock, **tls)  # type: ignore[arg-type]

    def _port(self, where: dict[str, Any]) -> int:
        port = where["port"]
        return port if isinstance(port, int) else self.ports[port]

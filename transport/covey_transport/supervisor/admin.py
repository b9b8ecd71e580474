"""Envoy's admin interface on its Unix socket: is it ready, what does it count, drain it."""

from __future__ import annotations

import http.client
import json
import socket
from typing import TYPE_CHECKING, Any

from covey_transport.errors import TransportError

if TYPE_CHECKING:
    from pathlib import Path


class AdminError(TransportError):
    """Envoy does not answer on its socket."""


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("admin", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def ask(path: Path, target: str, *, method: str = "GET", timeout: float = 2.0) -> tuple[int, bytes]:
    connection = _UnixConnection(str(path), timeout)
    try:
        connection.request(method, target)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise AdminError(f"Envoy does not answer on its admin socket: {error}") from error
    finally:
        connection.close()


def is_live(path: Path) -> bool:
    try:
        return ask(path, "/ready")[0] == http.client.OK
    except AdminError:
        return False


def counters(path: Path, pattern: str) -> dict[str, int]:
    """All counters and gauges whose names fit `pattern`."""
    lines = ask(path, f"/stats?filter={pattern}")[1].decode(errors="replace").splitlines()
    pairs = (line.rpartition(": ") for line in lines)
    return {name: int(value) for name, _, value in pairs if value.isdecimal()}


def own_identities(path: Path) -> list[str]:
    """The URIs in the certificates that Envoy has loaded for itself."""
    found: dict[str, Any] = json.loads(ask(path, "/certs")[1] or b"{}")
    chains = [chain for certificate in found.get("certificates", []) for chain in certificate.get("cert_chain", [])]
    return sorted({name["uri"] for chain in chains for name in chain.get("subject_alt_names", []) if "uri" in name})


def drain(path: Path) -> None:
    ask(path, "/drain_listeners?graceful", method="POST")


def active_requests(path: Path) -> int:
    return sum(counters(path, r"^http\.(fleet|local)\.downstream_rq_active$").values())

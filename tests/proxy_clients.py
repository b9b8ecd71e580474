"""Clients of a run's proxies: with any certificate at the aggregator's door, or through a collaborator's proxy."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
import time
from typing import TYPE_CHECKING, Any, Self

from covey_transport.files import replace
from proxies import SERVER_NAME
from waiting import until

if TYPE_CHECKING:
    from covey_transport.identity.authority import KeyPair
    from proxies import Stage


class Client:
    """Talks to the aggregator's listener itself, with whatever certificate and TLS it is told to use."""

    def __init__(self, stage: Stage, pair: KeyPair | None, *, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=stage.authority.pem.decode())
        context.maximum_version = newest
        if pair is not None:
            path = stage.folder / "client.pem"
            replace(path, pair.certificate + pair.key)
            context.load_cert_chain(path)
            path.unlink()
        self._context = context
        self._port = stage.port
        self.connection = self._connect()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def _connect(self) -> http.client.HTTPSConnection:
        connection = _Named("127.0.0.1", self._port, context=self._context, timeout=10)
        connection.connect()
        return connection

    def post(self, path: str, headers: list[tuple[str, str]] | None = None, *, method: str = "POST") -> tuple[int, Any]:
        self.connection.putrequest(method, path)
        for name, value in [*(headers or []), ("content-length", "2")]:
            self.connection.putheader(name, value)
        self.connection.endheaders(b"{}")
        answer = self.connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text.startswith(b"{") else text.decode()


def ask(stage: Stage, pair: KeyPair | None, path: str, headers: Any = None, **how: Any) -> tuple[int, Any]:
    """One request on a connection of its own."""
    newest = how.pop("newest", ssl.TLSVersion.TLSv1_3)
    with Client(stage, pair, newest=newest) as client:
        return client.post(path, headers, **how)


class _Named(http.client.HTTPSConnection):
    def connect(self) -> None:
        plain = socket.create_connection((self.host, self.port), self.timeout)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self.sock = self._context.wrap_socket(plain, server_hostname=SERVER_NAME)
        except BaseException:
            plain.close()
            raise


def through(
    port: int, path: str = "/fleet/echo", *, body: bytes = b"{}", method: str = "POST", **headers: str
) -> tuple[int, Any]:
    """One request through a collaborator's proxy."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text.startswith(b"{") else text.decode()
    finally:
        connection.close()


class Traffic:
    """Requests through a collaborator's proxy without a pause; every answer is kept."""

    def __init__(self, port: int, **headers: str) -> None:
        self.answers: list[Any] = []
        self._port, self._headers = port, headers
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._send, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        until(lambda: self.answers)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(20)

    def more(self, count: int = 20) -> None:
        """Waits for `count` further answers."""
        goal = len(self.answers) + count
        until(lambda: len(self.answers) >= goal, seconds=20)

    def _send(self) -> None:
        while not self._over.is_set():
            try:
                self.answers.append(through(self._port, **self._headers)[0])
            except (OSError, http.client.HTTPException) as error:
                self.answers.append(repr(error))
            time.sleep(0.002)

"""The session over HTTP, on two doors: a Unix socket for collaborators, loopback for the aggregator's launcher.

Only the proxy opens the Unix socket, and it names the caller by its certificate. The loopback door has no caller's name
and no way to register; the listener leads nobody to it.
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from covey_core.manifests import canonical_json
from covey_transport.checked import Checked, decode
from covey_transport.errors import BadStartError, TransportError
from covey_transport.proxy.parts import CLUSTER_HEADER, SESSION_PATH
from covey_transport.session.state import EPOCH, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from covey_transport.session.desk import Desk

MAX_BODY = 8192
MAX_WAIT = 25.0
LINGER_BYTES = 1 << 20
LINGER_SECONDS = 2.0
_STATUS = {"no-epoch": 503, "other-epoch": 409, "key-taken": 409, "bad-key": 400, "bad-request": 400}
Answer = dict[str, Any]


class _Door(BaseHTTPRequestHandler):
    """What both doors share: reading a small JSON body, answering in JSON, refusing aloud."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: two would wait 40 ms for each other
    timeout = 60
    desk: ClassVar[Desk]
    tell: ClassVar[Callable[..., None]]

    def answer(self, act: Callable[[], Answer]) -> None:
        try:
            self.check_path()
            status, data = 200, act()
        except RefusedError as error:
            status, data = _STATUS.get(error.reason, 403), {"why": error.reason, "message": str(error)}
            self.refuse(data)
        except (OSError, TransportError) as error:
            status, data = 503, {"why": "not-applied", "message": f"The change does not hold: {error}"}
            self.refuse(data)
        body = canonical_json(data)
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        # One request for each connection: a body that nobody read would be taken for the next caller's request.
        self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def finish(self) -> None:
        """Reads what the caller still sends, within limits: closing before that resets the answer away."""
        with contextlib.suppress(OSError):  # the caller is gone already
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(LINGER_SECONDS)
            left = LINGER_BYTES
            while left > 0 and (read := self.rfile.read1(min(left, MAX_BODY))):
                left -= len(read)
        super().finish()

    def check_path(self) -> None:
        if urlsplit(self.path).path != SESSION_PATH:
            raise RefusedError("bad-request", f"There is only {SESSION_PATH} here.")

    def refuse(self, data: Answer) -> None:
        caller = self.headers.get(CLUSTER_HEADER, "launcher")
        type(self).tell("session", who=caller, what="refused", why=data["why"], message=data["message"])

    def body(self, *known: str) -> Checked:
        try:
            length = int(self.headers.get("content-length", ""))
        except ValueError:
            length = -1
        if not 0 <= length <= MAX_BODY:
            raise RefusedError("bad-request", f"A body of 0 to {MAX_BODY} bytes with its length is needed.")
        try:
            return Checked(decode(self.rfile.read(length), "The body"), "The body", known)
        except BadStartError as error:
            raise RefusedError("bad-request", str(error)) from error

    def query(self, name: str) -> str | None:
        return next(iter(parse_qs(urlsplit(self.path).query).get(name, [])), None)

    def wait(self) -> float:
        """How long the caller would wait for news."""
        return min(float(self.number("wait")), MAX_WAIT)

    def number(self, name: str) -> int:
        text = self.query(name) or "0"
        if not text.isdecimal() or len(text) > 15:  # noqa: PLR2004 - far more than any version
            raise RefusedError("bad-request", f"{name} must be a whole number.")
        return int(text)

    def epoch(self, fields: Checked) -> str:
        try:
            return fields.text("epoch", EPOCH)
        except BadStartError as error:
            raise RefusedError("bad-request", str(error)) from error

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
        """The proxy logs requests; here only refusals and changes are told."""


class _Collaborators(_Door):
    members: ClassVar[Callable[[str], str | None]]

    def do_GET(self) -> None:
        self.answer(lambda: {"epoch": self.desk.wait_for_epoch(self.query("after"), seconds=self.wait())})

    def do_POST(self) -> None:
        self.answer(self._register)

    def _register(self) -> Answer:
        identities = self.headers.get_all(CLUSTER_HEADER, [])
        cluster = type(self).members(identities[0]) if len(identities) == 1 else None
        if cluster is None:
            raise RefusedError("not-on-roster", "This cluster takes no part in this run.")
        fields = self.body("epoch", "key")
        epoch, key = self.epoch(fields), fields.value("key") if fields.has("key") else ""
        known = self.desk.version
        session = self.desk.register(cluster, epoch=epoch, key=key if isinstance(key, str) else "")
        if session.version != known:  # launchers register again and again
            type(self).tell("session", who=identities[0], what="registered", version=session.version)
        return {"epoch": epoch}


class _Launcher(_Door):
    def do_GET(self) -> None:
        self.answer(self._members)

    def do_PUT(self) -> None:
        self.answer(self._open)

    def _open(self) -> Answer:
        known = self.desk.version
        session = self.desk.open(self.epoch(self.body("epoch")))
        if session.version != known:
            type(self).tell("session", who="launcher", what="epoch", epoch=session.epoch, version=session.version)
        return {"epoch": session.epoch, "version": session.version}

    def _members(self) -> Answer:
        session = self.desk.wait_for_change(self.number("version"), seconds=self.wait())
        return {"epoch": session.epoch, "version": session.version, "keys": dict(session.keys)}


class _Loopback(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128


class _Socket(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 128


def serve_collaborators(
    path: Path, desk: Desk, *, members: Callable[[str], str | None], tell: Callable[..., None]
) -> socketserver.BaseServer:
    """`members` gives the cluster of an identity on the roster, or None."""
    path.unlink(missing_ok=True)
    fields = {"desk": desk, "tell": staticmethod(tell), "members": staticmethod(members)}
    return _started(_Socket(str(path), type("Collaborators", (_Collaborators,), fields)))


def serve_launcher(port: int, desk: Desk, *, tell: Callable[..., None]) -> socketserver.BaseServer:
    fields = {"desk": desk, "tell": staticmethod(tell)}
    return _started(_Loopback(("127.0.0.1", port), type("Launcher", (_Launcher,), fields)))


def _started(server: socketserver.BaseServer) -> socketserver.BaseServer:
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    return server

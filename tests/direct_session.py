"""The proxies' part without proxies: the real session, with a door for the aggregator's launcher and each collaborator.

A collaborator's door is known by its port. What asks for the session gets the collaborator's name written into it, as
the proxy does from the certificate, and so does each HTTP/2 request; any other connection is led to the runtime, byte
for byte.
"""

from __future__ import annotations

import select
import shutil
import socket
import socketserver
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from covey_transport.proxy.parts import CLUSTER_HEADER, SESSION_PATH
from covey_transport.session.desk import Desk
from covey_transport.session.service import serve_collaborators, serve_launcher
from covey_transport.session.state import Session

_HTTP2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_HEADERS, _CONTINUATION = 1, 9
_END_HEADERS, _PADDED = 0x4, 0x8


class DirectSession:
    """`history` has the session after each change."""

    def __init__(self, names, *, runtime_port):
        self.history = []
        self._folder = Path(tempfile.mkdtemp(prefix="covey-"))  # a Unix socket's path must be short
        self._runtime_port = runtime_port
        desk = Desk(Session(), self.history.append)
        inside = self._folder / "session.sock"
        self._inner = serve_collaborators(inside, desk, members=lambda name: name, tell=_quiet)
        self._launcher = serve_launcher(0, desk, tell=_quiet)
        self._doors = {name: self._open(name, inside) for name in names}

    def port(self, name=""):
        """Of a collaborator's door, or the aggregator's own."""
        return (self._doors[name] if name else self._launcher).server_address[1]

    def keys(self, name):
        """(epoch, key) of each registration of that collaborator."""
        return {(session.epoch, session.keys[name]) for session in self.history if name in session.keys}

    def close(self):
        servers = (*self._doors.values(), self._launcher, self._inner)
        closing = [threading.Thread(target=server.shutdown) for server in servers]  # each waits for its next look
        for one in closing:
            one.start()
        for one in closing:
            one.join()
        for server in servers:
            server.server_close()
        shutil.rmtree(self._folder)

    def _open(self, name, inside):
        fields = {"name": name, "inside": str(inside), "runtime_port": self._runtime_port}
        door = _Threads(("127.0.0.1", 0), type("Named", (_Door,), fields))
        threading.Thread(target=door.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return door


class _Threads(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128


class _Door(socketserver.BaseRequestHandler):
    name: str
    inside: str
    runtime_port: int

    def handle(self):
        with suppress(OSError):
            first = self.request.recv(65536)
            line, newline, rest = first.partition(b"\r\n")
            if SESSION_PATH.encode() in line:
                other = socket.socket(socket.AF_UNIX)
                other.connect(self.inside)
                first = line + newline + f"{CLUSTER_HEADER}: {self.name}\r\n".encode() + rest
            else:
                other = socket.create_connection(("127.0.0.1", self.runtime_port))
                other.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            written = Http2Names(self.name).write if first.startswith(b"PRI ") else bytes
            with other:
                other.sendall(written(first))
                _join(self.request, other, written)


class Http2Names:
    """Writes the collaborator's identity into each request of an HTTP/2 connection, at the end of its headers."""

    def __init__(self, name):
        value = f"spiffe://direct.test/cluster/{name}".encode()
        # A literal header that stays out of the connection's table, so that the rest needs no change (RFC 7541, 6.2.2).
        self._header = b"\0" + b"".join(bytes([len(one)]) + one for one in (CLUSTER_HEADER.encode(), value))
        self._rest = b""
        self._begun = False

    def write(self, data):
        """What of `data`, and of what came before, is a whole frame."""
        self._rest += data
        out = b""
        if not self._begun and len(self._rest) >= len(_HTTP2):
            out, self._rest, self._begun = _HTTP2, self._rest[len(_HTTP2) :], True
        while self._begun and len(self._rest) >= 9:
            size = 9 + int.from_bytes(self._rest[:3], "big")
            if len(self._rest) < size:
                break
            out += self._named(self._rest[:size])
            self._rest = self._rest[size:]
        return out

    def _named(self, frame):
        kind, flags = frame[3], frame[4]
        if kind not in {_HEADERS, _CONTINUATION} or not flags & _END_HEADERS:
            return frame
        assert not flags & _PADDED, "padded headers are not written to"
        return (len(frame) - 9 + len(self._header)).to_bytes(3, "big") + frame[3:] + self._header


def _join(one, other, written):
    """Until either end hangs up; `written` is what `one` says, once it is rewritten."""
    peers = {one: other, other: one}
    while True:
        for ready in select.select(list(peers), [], [])[0]:
            data = ready.recv(65536)
            if not data:
                return
            peers[ready].sendall(written(data) if ready is one else data)


def _quiet(*_, **__):
    return

"""The session without proxies: one loopback port for the aggregator, and one for each collaborator by name."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from covey_core.launch import session
from covey_core.launch.session import Epoch


class DirectSession:
    """Keeps what the aggregator's launcher says of its epoch, and who has registered in it."""

    def __init__(self, names):
        self.epoch = None
        self.members = {}
        self.history = []  # (epoch, name, key) of every registration
        self.lock = threading.Lock()
        self._servers = {name: self._serve(name) for name in ("", *names)}

    def port(self, name=""):
        """Of a collaborator, or the aggregator's own."""
        return self._servers[name].server_port

    def close(self):
        for server in self._servers.values():
            server.shutdown()
            server.server_close()

    def _serve(self, name):
        handler = type("Bound", (_Handler,), {"session": self, "name": name})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return server


class _Handler(BaseHTTPRequestHandler):
    session: DirectSession
    name: str

    def do_GET(self):
        with self.session.lock:
            epoch, members = self.session.epoch, dict(self.session.members)
        if self.path == session.MEMBERS:
            self._answer(403 if self.name else 200, json.dumps(members).encode())
        elif epoch is None:
            self._answer(503)
        else:
            self._answer(200, session.encode_epoch(epoch))

    def do_PUT(self):
        epoch = session.decode_epoch(self._body())
        with self.session.lock:
            if isinstance(epoch, Epoch) and not self.name and epoch != self.session.epoch:
                self.session.epoch, self.session.members = epoch, {}
        self._answer(403 if self.name else 200)

    def do_POST(self):
        said = session.decode_registration(self._body())
        with self.session.lock:
            own = self.session.epoch is not None and said is not None and said.epoch == self.session.epoch.epoch
            if own:
                self.session.members[self.name] = said.public_key
                self.session.history.append((said.epoch, self.name, said.public_key))
        self._answer(200 if own else 409)

    def _body(self):
        return self.rfile.read(int(self.headers["content-length"]))

    def _answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        return

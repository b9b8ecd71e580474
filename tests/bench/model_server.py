"""Takes and gives models of any size, as a stream; stands for a runtime's server."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BLOCK = bytes(range(256)) * 4096  # 1 MiB


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        came, length = 0, int(self.headers["content-length"])
        room = memoryview(bytearray(len(BLOCK)))
        while came < length:
            came += self.rfile.readinto(room[: length - came])
        if self.path == "/fleet/up":
            self._answer(len(str(came)))
            self.wfile.write(str(came).encode())
            return
        size = int(self.path.rpartition("/")[2])
        self._answer(size)
        for left in range(size, 0, -len(BLOCK)):
            self.wfile.write(BLOCK[:left])

    def _answer(self, size: int) -> None:
        self.send_response(200)
        self.send_header("content-length", str(size))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class ModelServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

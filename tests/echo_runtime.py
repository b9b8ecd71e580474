"""Stands for a runtime's server: tells what reached it, and can be slow, refuse or have no news."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

POLL = "/fleet/poll"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    server: Runtime

    def do_POST(self) -> None:
        left = int(self.headers.get("content-length", "0")) if "chunked" not in str(self.headers) else -1
        size = self._read_chunks() if left < 0 else self._read(left)
        if self.path.startswith("/fleet/slow"):
            self.server.slow_began.set()
            time.sleep(float(self.path.rpartition("/")[2]) / 1000)
        answer = json.dumps({"path": self.path, "size": size, "headers": self.headers.items()}).encode()
        if self.path == POLL and self.server.empty_polls > 0:
            self.server.empty_polls -= 1
            answer = b""
        if self.path == "/fleet/denied":
            self.send_response(403)
        else:
            self.send_response(200)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST  # noqa: N815 - http.server's naming

    def _read(self, left: int) -> int:
        size = left
        while left > 0:
            left -= len(self.rfile.read(min(left, 1 << 16)))
        return size

    def _read_chunks(self) -> int:
        size = 0
        while length := int(self.rfile.readline(), 16):
            size += self._read(length)
            self.rfile.readline()
        self.rfile.readline()
        return size

    def log_message(self, *_: Any) -> None:
        pass


class Runtime(ThreadingHTTPServer):
    """Stands for a runtime's server: tells what reached it, and can be slow or have no news."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.port = self.server_address[1]
        self.empty_polls = 0
        self.slow_began = threading.Event()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

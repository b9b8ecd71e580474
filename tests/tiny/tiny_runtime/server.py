"""The aggregator's process: a parameter server on loopback."""

from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tiny_runtime.rounds import Rounds, hand_over
from tiny_runtime.wire import app, call, unpack


class Server(ThreadingHTTPServer):
    daemon_threads = True
    rounds: Rounds


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self):
        if self._admitted():
            number, weights = self.server.rounds.work(self.headers["x-tiny-name"])
            status = {None: 204, 0: 410}.get(number, 200)
            self._answer(status, weights, round=number)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self._admitted():
            said = json.loads(self.headers["x-tiny-said"])
            self.server.rounds.reply(self.headers["x-tiny-name"], said["round"], unpack(body), said)
            self._answer(204)

    def _admitted(self):
        admitted = self.server.rounds.known(self.headers["x-tiny-name"], self.headers["x-tiny-key"])
        if not admitted:
            self._answer(403)
        return admitted

    def _answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(f"x-tiny-{name}", str(value))
        if status != 204:
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        return


def main():
    words = json.loads(sys.argv[1])
    module = app()
    if words["resume"]:
        weights = unpack(Path(words["resume"], "arrays.npz").read_bytes())
    else:
        weights = call(module.initial, words["configuration"])
    server = Server(("127.0.0.1", words["port"]), Handler)
    server.rounds = Rounds(words, weights)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.rounds.watch()
    hand_over("model", server.rounds.weights)


if __name__ == "__main__":
    main()

"""A collaborator's process: asks for work, trains, sends back; waits out whatever is between it and the server."""

from __future__ import annotations

import http.client
import json
import os
import sys
import time

from tiny_runtime.wire import app, call, pack, report, unpack


class Client:
    def __init__(self, words):
        self.words = words
        self.connection = None

    def ask(self, method, path, body=b"", **headers):
        """Status, round and body; status 0 when nobody answers."""
        own = {"x-tiny-name": self.words["name"], "x-tiny-key": self.words["key"], **headers}
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.words["port"], timeout=10)
            self.connection.request(method, path, body, own)
            answer = self.connection.getresponse()
            return answer.status, answer.headers.get("x-tiny-round"), answer.read()
        except (OSError, http.client.HTTPException):
            self.connection = None
            return 0, None, b""


def main():
    words = json.loads(sys.argv[1])
    module, client = app(), Client(words)
    while True:
        status, number, body = client.ask("GET", "/tiny/work")
        if status == 410:
            return
        if status == 200:
            train(client, module, int(number), unpack(body))
        elif status != 204:
            time.sleep(0.05)


def train(client, module, number, weights):
    configuration = client.words["configuration"]
    weights, examples, metrics = call(module.train, weights, os.environ["COVEY_DATA"], configuration)
    said = {"round": number, "examples": examples, "metrics": metrics}
    client.ask("POST", "/tiny/update", pack(weights), **{"x-tiny-said": json.dumps(said)})
    report(type="round", round=number, metrics=metrics)


if __name__ == "__main__":
    main()

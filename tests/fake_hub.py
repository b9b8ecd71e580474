"""A hub's API server as far as listing goes: pages, refusals, and a kubeconfig that leads to it."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

GROUP = "cluster.open-cluster-management.io"
PATHS = {
    "ManagedCluster": f"/apis/{GROUP}/v1/managedclusters",
    "ManagedClusterSet": f"/apis/{GROUP}/v1beta2/managedclustersets",
    "ManagedClusterSetBinding": f"/apis/{GROUP}/v1beta2/managedclustersetbindings",
    "AddOnPlacementScore": f"/apis/{GROUP}/v1alpha1/addonplacementscores",
    "PlacementDecision": f"/apis/{GROUP}/v1beta1/placementdecisions",
}


class FakeHub:
    """`refusals` are status codes by kind; `requests` what was asked; `longest` cuts pages shorter than asked for."""

    def __init__(self, objects, *, longest=None):
        self.objects = {path: [one for one in objects if one["kind"] == kind] for kind, path in PATHS.items()}
        self.refusals = {}
        self.requests = []
        self.longest = longest
        self.address = ""

    def refuse(self, kind, code):
        self.refusals[PATHS[kind]] = code

    def answer(self, target, token):
        url = urlsplit(target)
        self.requests.append((url.path, token))
        code = self.refusals.get(url.path, 200 if url.path in self.objects else 404)
        if code != 200:
            return code, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "message": "no"}
        query = parse_qs(url.query)
        start = int(query.get("continue", ["0"])[0])
        end = start + min(int(query["limit"][0]), self.longest or 10**9)
        found = self.objects[url.path]
        metadata = {"resourceVersion": "1"} | ({"continue": str(end)} if end < len(found) else {})
        bare = [{key: value for key, value in one.items() if key not in {"kind", "apiVersion"}} for one in found]
        return 200, {"kind": "List", "apiVersion": "v1", "metadata": metadata, "items": bare[start:end]}


@contextmanager
def serving(hub):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            code, body = hub.answer(self.path, self.headers.get("Authorization"))
            data = json.dumps(body).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def kubeconfig(path, address, *, token="secret"):  # noqa: S107 - of nothing
    path.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "hub",
                "clusters": [{"name": "hub", "cluster": {"server": address}}],
                "users": [{"name": "me", "user": {"token": token}}],
                "contexts": [
                    {"name": "hub", "context": {"cluster": "hub", "user": "me"}},
                    {"name": "broken", "context": {"cluster": "gone", "user": "me"}},
                ],
            }
        )
    )
    return path

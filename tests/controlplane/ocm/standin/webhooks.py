"""The stand-in's webhooks on HTTPS: the API server asks, a pure function answers."""

from __future__ import annotations

import json
import ssl
import threading
from base64 import b64encode
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from controlplane.ocm.admission import CONVERT, MUTATE_CLUSTER, VALIDATE_BINDING, VALIDATE_CLUSTER, VALIDATE_WORK
from controlplane.ocm.standin import webhooks_clusters, work_webhook
from controlplane.ocm.standin.webhooks_conversion import convert
from controlplane.ocm.standin.webhooks_refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from controlplane.ocm.api import Api, Object


def _validate_work(request: Object, api: Api) -> list[Object]:
    if said := work_webhook.refusal(api, request):
        raise Refusal(said)
    return []


# From an admission request to a JSON patch, or a Refusal; with the stand-in's own API, to ask who may do what.
REVIEWS: dict[str, Callable[[Object, Api], list[Object]]] = {
    MUTATE_CLUSTER: webhooks_clusters.mutate,
    VALIDATE_CLUSTER: webhooks_clusters.validate,
    VALIDATE_BINDING: webhooks_clusters.validate_binding,
    VALIDATE_WORK: _validate_work,
}


@dataclass
class Webhooks:
    """On a port of loopback, with `tls.crt` and `tls.key` of a folder."""

    api: Api
    port: int
    folder: Path
    name: str = "webhooks"

    def run(self, stop: threading.Event) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "tls.crt", self.folder / "tls.key")
        server = _Server(("127.0.0.1", self.port), _handler(self.api))
        server.context = context
        threading.Thread(target=server.serve_forever, daemon=True).start()
        stop.wait()
        server.shutdown()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    context: ssl.SSLContext

    def finish_request(self, request: Any, client_address: Any) -> None:
        """The handshake belongs into the connection's own thread: one that stalls must not hold up the others."""
        try:
            with self.context.wrap_socket(request, server_side=True) as secured:
                super().finish_request(secured, client_address)
        except OSError:
            return


def _handler(api: Api) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 300
        disable_nagle_algorithm = True  # else the body waits 40 ms for the acknowledgement of the head

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            path = self.path.partition("?")[0]
            body = convert(asked) if path == CONVERT else review(asked, REVIEWS[path], api)
            data = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *said: Any) -> None:
            pass

    return Handler


def review(asked: Object, decide: Callable[[Object, Api], list[Object]], api: Api) -> Object:
    """An AdmissionReview with its answer."""
    request = asked["request"]
    answer: Object = {"uid": request["uid"], "allowed": True}
    try:
        if patch := decide(request, api):
            answer |= {"patchType": "JSONPatch", "patch": b64encode(json.dumps(patch).encode()).decode()}
    except Refusal as refusal:
        status = {"code": refusal.code, "reason": refusal.reason, "message": str(refusal)}
        answer |= {"allowed": False, "status": status}
    return {"apiVersion": asked["apiVersion"], "kind": asked["kind"], "response": answer}

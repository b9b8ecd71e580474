"""A run's proxies as real processes with the real Envoy, a runtime to talk to, and clients of every kind."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

from covey_core import names
from covey_core.manifests import canonical_json
from covey_transport.files import replace
from covey_transport.identity.authority import Authority, KeyPair, Usage, issue, make_authority
from covey_transport.identity.folder import write_identity
from covey_transport.proxy.rules import Again, Route, Rules, rules_data
from covey_transport.roster import Member, Roster, write_roster

if TYPE_CHECKING:
    from pathlib import Path

TRUST_DOMAIN = "covey.test"
SERVER_NAME = "digits-1.vision.test"
KEY_HEADER = "x-runtime-key"
POLL = "/fleet/poll"
RULES = Rules(
    routes=(
        Route(POLL, ("POST",), Again("content-length", "0", pause=0.02, times=200), quiet=True),
        Route("/fleet/", ("POST",)),
    ),
    upstream="http1",
    upstream_idle=3,
)
BOUND = Rules(RULES.routes, RULES.upstream, RULES.upstream_idle, KEY_HEADER)


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def wait_for(what: Any, *, seconds: float = 10.0, why: str = "") -> Any:
    until = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < until, f"did not happen in {seconds} s: {why}"
        time.sleep(0.01)
    return found


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


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


@dataclass
class Proxy:
    """A running `covey-proxy`."""

    root: Path
    arguments: list[str]
    process: subprocess.Popen[bytes] | None = None

    def start(self, *, wait: bool = True) -> Proxy:
        line = [sys.executable, "-m", "covey_transport.supervisor", "--root", str(self.root), *self.arguments]
        with (self.root / "log.jsonl").open("ab") as log:
            self.process = subprocess.Popen(line, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self) -> None:
        def ready() -> bool:
            assert self.process.poll() is None, self.text()
            return any(line.get("what") == "ready" and line.get("pid") for line in self.lines())

        wait_for(ready, why=f"ready: {self.root}")

    def command(self, name: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "covey_transport.supervisor", name, "--root", str(self.root)]
        return subprocess.run(line, capture_output=True, text=True, check=False)

    def text(self) -> str:
        return (self.root / "log.jsonl").read_text()

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text().splitlines() if line.startswith("{")]

    def told(self, **fields: Any) -> dict[str, Any]:
        """Waits for a log line with these fields; a text may be a part of the field's."""

        def find() -> dict[str, Any] | None:
            return next((line for line in reversed(self.lines()) if _fits(line, fields)), None)

        return wait_for(find, seconds=5, why=f"a line with {fields} in\n{self.text()[-3000:]}")

    def envoy_pid(self) -> int:
        return next(line["pid"] for line in reversed(self.lines()) if line.get("what") == "ready")

    def stop(self, number: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(40)


def _fits(line: dict[str, Any], fields: dict[str, Any]) -> bool:
    return all(
        value in line.get(name, "")
        if isinstance(value, str) and isinstance(line.get(name), str)
        else line.get(name) == value
        for name, value in fields.items()
    )


@dataclass
class Stage:
    """One run: its authority, its folders, its processes; everything ends with `close`."""

    folder: Path
    rules: Rules = RULES
    number: int = 1
    authority: Authority = field(default_factory=lambda: make_authority("test", now=now(), seconds=3600))
    runtime: Runtime = field(default_factory=Runtime)
    proxies: list[Proxy] = field(default_factory=list)
    port: int = field(default_factory=free_port)
    session_port: int = field(default_factory=free_port)
    options: tuple[str, ...] = ()

    @property
    def identity(self) -> str:
        return names.run_identity(TRUST_DOMAIN, "vision", "digits", self.number)

    def pair(self, cluster: str, *, authority: Authority | None = None, **more: Any) -> KeyPair:
        options = {"usage": Usage.CLIENT, "now": now(), "seconds": 3600} | more
        uri = options.pop("uri", names.cluster_identity(TRUST_DOMAIN, cluster))
        return issue(authority or self.authority, uri, **options)

    def server_pair(self, *, authority: Authority | None = None, **more: Any) -> KeyPair:
        options = {"usage": Usage.SERVER, "now": now(), "seconds": 3600, "server_names": (SERVER_NAME,)} | more
        return issue(authority or self.authority, options.pop("uri", self.identity), **options)

    def roster(self, *clusters: str, **keys: tuple[str, ...]) -> None:
        members = {name.replace("_", "-"): value for name, value in keys.items()} | dict.fromkeys(clusters, ())
        chosen = [
            Member(name, names.cluster_identity(TRUST_DOMAIN, name), bound) for name, bound in sorted(members.items())
        ]
        write_roster(self.folder / "aggregator/roster.json", Roster(tuple(chosen)))

    def aggregator(self, *, pair: KeyPair | None = None, wait: bool = True) -> Proxy:
        root = self.folder / "aggregator"
        self._prepare(root, "aggregator", self.port, pair or self.server_pair())
        return self._proxy(root, "aggregator", wait=wait)

    def collaborator(self, cluster: str, *, wait: bool = True, **net: Any) -> tuple[Proxy, int]:
        root, port = self.folder / cluster, free_port()
        self._prepare(root, "collaborator", port, self.pair(cluster))
        self.net(cluster, **net)
        return self._proxy(root, "collaborator", wait=wait), port

    def net(self, cluster: str, **changes: Any) -> None:
        (self.folder / cluster / "net").mkdir(exist_ok=True)
        data = {
            "contract": 1,
            "address": {"host": "127.0.0.1", "port": self.port},
            "serverName": SERVER_NAME,
            "identity": self.identity,
            "caFile": "tls/ca.crt",
        }
        replace(self.folder / cluster / "net/net.json", canonical_json(data | changes))

    def start_data(self, side: str, proxy_port: int) -> dict[str, Any]:
        return {
            "contract": 1,
            "side": side,
            "run": {"namespace": "vision", "job": "digits", "number": self.number},
            "ports": {"proxy": proxy_port, "runtime": self.runtime.port, "session": self.session_port},
            "proxy": rules_data(self.rules),
        }

    def close(self) -> None:
        for proxy in self.proxies:
            if proxy.process is not None:
                proxy.stop(signal.SIGKILL)
        self.runtime.shutdown()
        self.runtime.server_close()

    def _prepare(self, root: Path, side: str, port: int, pair: KeyPair) -> None:
        root.mkdir(parents=True, exist_ok=True)
        (root / "start.json").write_bytes(canonical_json(self.start_data(side, port)))
        write_identity(root / "tls", pair, authorities=(self.authority.pem,))

    def _proxy(self, root: Path, side: str, *, wait: bool) -> Proxy:
        arguments = ["--side", side, "--trust-domain", TRUST_DOMAIN, "--listen", "127.0.0.1", *self.options]
        proxy = Proxy(root, arguments)
        self.proxies.append(proxy)
        return proxy.start(wait=wait)


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
        wait_for(lambda: self.answers)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(20)

    def more(self, count: int = 20) -> None:
        """Waits for `count` further answers."""
        goal = len(self.answers) + count
        wait_for(lambda: len(self.answers) >= goal, seconds=20)

    def _send(self) -> None:
        while not self._over.is_set():
            try:
                self.answers.append(through(self._port, **self._headers)[0])
            except (OSError, http.client.HTTPException) as error:
                self.answers.append(repr(error))
            time.sleep(0.002)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def ago(**span: float) -> datetime:
    return now() - timedelta(**span)

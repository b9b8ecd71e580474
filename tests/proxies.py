"""A run's proxies as real processes with the real Envoy, and their folders, certificates and logs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from covey_cli.local_run.ports import free_ports
from covey_core import names
from covey_core.manifests import canonical_json
from covey_transport.files import replace
from covey_transport.identity.authority import Authority, KeyPair, Usage, issue, make_authority
from covey_transport.identity.folder import write_identity
from covey_transport.proxy.rules import Again, Route, Rules, rules_data
from covey_transport.roster import Member, Roster, write_roster
from echo_runtime import POLL, Runtime
from waiting import until

if TYPE_CHECKING:
    from pathlib import Path

TRUST_DOMAIN = "covey.test"
SERVER_NAME = "digits-1.vision.test"
KEY_HEADER = "x-runtime-key"
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


def free_port() -> int:
    return free_ports(1)[0]


@dataclass
class Proxy:
    """A running `covey-proxy`."""

    root: Path
    arguments: list[str]
    process: subprocess.Popen[bytes] | None = None
    _before: int = 0  # lines in the log of earlier starts

    def start(self, *, wait: bool = True) -> Proxy:
        line = [sys.executable, "-m", "covey_transport.supervisor", "--root", str(self.root), *self.arguments]
        self._before = len(self.lines())
        with (self.root / "log.jsonl").open("ab") as log:
            self.process = subprocess.Popen(line, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self) -> None:
        def ready() -> bool:
            assert self.process.poll() is None, self.text()
            return any(line.get("what") == "ready" and line.get("pid") for line in self.lines()[self._before :])

        until(ready, f"{self.root} ready", told=lambda: self.text()[-3000:])

    def command(self, name: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "covey_transport.supervisor", name, "--root", str(self.root)]
        return subprocess.run(line, capture_output=True, text=True, check=False)

    def text(self) -> str:
        log = self.root / "log.jsonl"
        return log.read_text() if log.exists() else ""

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text().splitlines() if line.startswith("{")]

    def told(self, *, after: int = 0, **fields: Any) -> dict[str, Any]:
        """Waits for a line with these fields, after the first `after` ones; a text may be a part of the field's."""

        def find() -> dict[str, Any] | None:
            return next((line for line in reversed(self.lines()[after:]) if _fits(line, fields)), None)

        return until(find, f"a line with {fields}", told=lambda: self.text()[-3000:])

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
    """One run: its authority, its folders, its processes; everything ends when it is left."""

    folder: Path
    rules: Rules = RULES
    number: int = 1
    authority: Authority = field(default_factory=lambda: make_authority("test", now=now(), seconds=3600))
    runtime: Runtime = field(default_factory=Runtime)
    proxies: list[Proxy] = field(default_factory=list)
    port: int = field(default_factory=free_port)
    session_port: int = field(default_factory=free_port)
    options: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        (self.folder / "aggregator").mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

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


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def ago(**span: float) -> datetime:
    return now() - timedelta(**span)

"""Servers of a plane as processes that end with whoever started them, however that ends."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from covey_runtimes.launch.children import die_with_parent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

_GRACE, _SAID = 15.0, 500


class PlaneError(Exception):
    """A plane that does not come up; the message says which part, and where its log is."""


@dataclass
class Server:
    """One running program, with its log."""

    name: str
    log: Path
    process: subprocess.Popen[bytes]

    def check(self) -> None:
        if self.process.poll() is not None:
            said = self.log.read_text(errors="replace").strip().splitlines()[-3:]
            how = f"{self.name} ended with {self.process.returncode}"
            raise PlaneError(f"{how}; its log {self.log} ends with: {' | '.join(said)[:_SAID]}")


@dataclass
class Servers:
    """All programs of one plane, in the order of their start; they end in the other order."""

    logs: Path
    running: list[Server] = field(default_factory=list)

    def start(self, name: str, argv: Sequence[str | Path], *, env: Mapping[str, str] | None = None) -> Server:
        self.logs.mkdir(parents=True, exist_ok=True)
        log = self.logs / f"{name}.log"
        with log.open("ab") as out:
            process = subprocess.Popen(
                list(map(str, argv)),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
                process_group=0,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - pytest has one thread when it starts servers
            )
        server = Server(name, log, process)
        self.running.append(server)
        return server

    def stop(self, server: Server, *, sign: int = signal.SIGTERM) -> int:
        """Ends one program, its children too, and forgets it."""
        self.running.remove(server)
        return _end(server, sign)

    def close(self) -> None:
        for server in reversed(self.running):
            _send(server, signal.SIGTERM)
        for server in reversed(self.running):
            _end(server, signal.SIGTERM)
        self.running.clear()

    def check(self) -> None:
        for server in self.running:
            server.check()


def wait(until: Callable[[], bool], what: str, *, servers: Servers, seconds: float = 60.0) -> None:
    """Until something is so; sooner with the reason when one of the servers has died."""
    end = time.monotonic() + seconds
    while not until():
        servers.check()
        if time.monotonic() > end:
            raise PlaneError(f"{what} did not come within {seconds:.0f} s; the logs are in {servers.logs}")
        time.sleep(0.05)


def _end(server: Server, sign: int) -> int:
    _send(server, sign)
    try:
        code = server.process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        code = None
    _send(server, signal.SIGKILL)  # what the program itself has started
    return server.process.wait() if code is None else code


def _send(server: Server, sign: int) -> None:
    try:
        os.killpg(server.process.pid, sign)
    except ProcessLookupError:
        return

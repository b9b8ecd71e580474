"""The programs of a run: one proxy and one launcher for each side, as process groups of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from covey_cli.local_run import sandbox
from covey_cli.local_run.plan import HUB, side_of
from covey_runtimes.launch.children import die_with_parent

if TYPE_CHECKING:
    from pathlib import Path

    from covey_cli.local_run.plan import Plan

LAUNCHER_LOG, PROXY_LOG = "launcher.log", "proxy.log"
_TAIL = 16_384
_DRAIN_SECONDS = 2


class Unit:
    """A program that is started, watched and started again; `what` names it in sentences."""

    def __init__(self, side: str, what: str, *, argv: tuple[str, ...], log: Path) -> None:
        self.side = side
        self.what = what
        self.log = log
        self.done = False
        self.failures = 0
        self.due = 0.0  # when it is to be started, in monotonic seconds
        self._said = 0  # where in the log this start's words begin
        self._argv = argv
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None

    def start(self) -> None:
        with self.log.open("ab") as out:
            self._said = out.tell()
            self._process = subprocess.Popen(  # noqa: S603 - our own programs, no shell
                self._argv,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                process_group=0,  # Ctrl-C is for `covey run` alone, which then stops everything in order
                preexec_fn=_end_with_us,  # noqa: PLW1509 - this program has one thread
            )

    def ended(self) -> int | None:
        """The exit code, once; what is left of the group is killed, so that a new start meets no ghost."""
        if self._process is None or (code := self._process.poll()) is None:
            return None
        self._signal(signal.SIGKILL)
        self._process = None
        return code

    def terminate(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        if self._process:
            self._process.wait()
            self._process = None

    def last_words(self) -> str:
        """The sentence with which the program ended, from its log; empty where this start left none."""
        with self.log.open("rb") as file:
            file.seek(max(self._said, self.log.stat().st_size - _TAIL))
            lines = file.read().decode(errors="replace").splitlines()
        return next((said for line in reversed(lines) if (said := _sentence(line))), "")

    def _signal(self, number: int) -> None:
        if self._process:
            try:
                os.killpg(self._process.pid, number)
            except ProcessLookupError:
                return


def proxy(plan: Plan, name: str) -> Unit:
    root = plan.root(name)
    words = ("--root", str(root), "--side", side_of(name), "--trust-domain", plan.trust_domain)
    local = ("--listen", "127.0.0.1", "--seconds", str(_DRAIN_SECONDS))
    argv = (sys.executable, "-m", "covey_transport.supervisor", *words, *local)
    return Unit(name, f"{_of(name)} proxy", argv=argv, log=root / PROXY_LOG)


def launcher(plan: Plan, name: str, *, sandboxed: bool) -> Unit:
    """Where `sandboxed`, neither the launcher nor the app that it starts can open anybody's key."""
    root = plan.root(name)
    argv: tuple[str, ...] = (sys.executable, "-m", f"covey_{side_of(name)}", "--root", str(root))
    if sandboxed:
        argv = sandbox.wrapped(argv, plan.secret_folders)
    return Unit(name, f"{_of(name)} launcher", argv=argv, log=root / LAUNCHER_LOG)


def stop(units: list[Unit], *, seconds: float) -> None:
    """SIGTERM to all at once; the groups of those that are still there after `seconds` are killed."""
    for unit in units:
        unit.terminate()
    end = time.monotonic() + seconds
    while any(unit.running and unit.ended() is None for unit in units) and time.monotonic() < end:
        time.sleep(0.02)
    for unit in units:
        unit.kill()


def _of(name: str) -> str:
    return "the aggregator's" if name == HUB else f"{name}'s"


def _sentence(line: str) -> str:
    """A launcher writes `covey-<side>: <sentence>`, a proxy JSON with `why`."""
    if line.startswith(("covey-aggregator: ", "covey-collaborator: ")):
        return line.partition(": ")[2]
    if line.startswith("{"):
        try:
            said = json.loads(line)
        except ValueError:
            return ""
        return str(said.get("why", "")) if said.get("what") == "failed" else ""
    return ""


def _end_with_us() -> None:
    die_with_parent(signal.SIGTERM)

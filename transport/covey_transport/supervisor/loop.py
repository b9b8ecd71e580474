"""The life of a proxy: wait for its files, start Envoy, keep its files true, drain, stop."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from covey_transport.errors import DONE, TransportError
from covey_transport.layout import ADMIN_SOCKET
from covey_transport.supervisor import admin
from covey_transport.supervisor.envoy import start_envoy, stop_envoy
from covey_transport.supervisor.health import Health
from covey_transport.supervisor.telling import tell

if TYPE_CHECKING:
    import subprocess

    from covey_transport.layout import Layout
    from covey_transport.supervisor.side import Side

_START_SECONDS = 20.0
_SOCKET = Path(ADMIN_SOCKET)


class Stop:
    """How often somebody has asked for the end: once is a drain, twice is at once."""

    def __init__(self) -> None:
        self.asked = 0

    def listen(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, *_: Any) -> None:
        self.asked += 1


def run(side: Side, layout: Layout, stop: Stop, *, grace: float) -> int:
    """Ends with 0 after a drain; raises TransportError where Envoy or its files fail."""
    if not _wait_for_files(side, stop):
        return DONE
    side.prepare()
    _SOCKET.unlink(missing_ok=True)
    process = start_envoy(layout.bootstrap, folder=layout.proxy)
    try:
        _wait_until_live(process, stop)
        side.check(admin.own_identities(_SOCKET))
        side.serve()
        layout.serving.touch(mode=0o600)
        tell("proxy", what="ready", pid=process.pid)
        _watch(side, process, layout, stop)
        _drain(side, process, stop, grace=grace)
    finally:
        side.close()
        stop_envoy(process)
    tell("proxy", what="ended")
    return DONE


def _wait_for_files(side: Side, stop: Stop) -> bool:
    told = None
    while (missing := side.missing()) is not None:
        if stop.asked:
            return False
        if missing != told:
            tell("proxy", what="waiting", why=f"{missing} is not there yet.")
            told = missing
        time.sleep(side.pause)
    return True


def _wait_until_live(process: subprocess.Popen[bytes], stop: Stop) -> None:
    until = time.monotonic() + _START_SECONDS
    while not admin.is_live(_SOCKET):
        _check_alive(process)
        if time.monotonic() > until or stop.asked > 1:
            raise TransportError(f"Envoy was not ready within {_START_SECONDS:g} s; its own lines above say why.")
        time.sleep(0.02)


def _watch(side: Side, process: subprocess.Popen[bytes], layout: Layout, stop: Stop) -> None:
    """Until somebody asks for the end. `covey-proxy drain` leaves a file: it may not outlive that request."""
    health = Health(_SOCKET)
    drained = False
    while not stop.asked:
        _check_alive(process)
        side.step()
        health.look()
        if not drained and layout.draining.exists():
            drained = True
            side.quiet()
            admin.drain(_SOCKET)
            tell("proxy", what="draining")
        time.sleep(side.pause)


def _drain(side: Side, process: subprocess.Popen[bytes], stop: Stop, *, grace: float) -> None:
    """Lets requests in flight finish: Envoy's own SIGTERM would cut them."""
    side.quiet()
    admin.drain(_SOCKET)
    until = time.monotonic() + grace
    while process.poll() is None and (left := admin.active_requests(_SOCKET)):
        if stop.asked > 1 or time.monotonic() > until:
            tell("proxy", what="cut", why=f"{left} requests did not finish in time.")
            return
        side.step()  # who is taken off the roster now gets no further request through
        time.sleep(0.02)


def _check_alive(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        raise TransportError(
            f"Envoy ended by itself (code {process.returncode}); its own lines above say why. "
            "If they speak of inotify, this machine watches too many files: raise fs.inotify.max_user_instances."
        )

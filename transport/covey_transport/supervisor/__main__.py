"""The command line of `covey-proxy`: run a side's proxy, ask whether it is ready, drain it."""

from __future__ import annotations

import argparse
import fcntl
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from covey_transport.errors import DONE, TRY_AGAIN, BadStartError, TransportError
from covey_transport.files import make_folder
from covey_transport.layout import ADMIN_SOCKET, Layout
from covey_transport.proxy.parts import Limits
from covey_transport.supervisor import admin
from covey_transport.supervisor.aggregator import AggregatorSide
from covey_transport.supervisor.collaborator import CollaboratorSide
from covey_transport.supervisor.loop import Stop, run
from covey_transport.supervisor.start import SIDES, TRUST_DOMAIN, Start, parse_start
from covey_transport.supervisor.telling import tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from covey_transport.supervisor.side import Side

NOT_READY = 1


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    layout = Layout(Path(given.root).absolute())
    os.umask(0o077)
    try:
        if given.command == "ready":
            return _ready(layout)
        if given.command == "drain":
            return _drain(layout, seconds=given.seconds)
        return _run(layout, given)
    except TransportError as error:
        tell("proxy", what="failed", why=str(error), code=error.code)
        return error.code
    except OSError as error:  # a full disk, a folder that somebody took away
        tell("proxy", what="failed", why=f"{error.filename or given.root}: {error.strerror}.", code=TRY_AGAIN)
        return TRY_AGAIN


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="covey-proxy", description="One side's mutual-TLS proxy of a Covey run.")
    add = parser.add_argument
    add("command", nargs="?", choices=("run", "ready", "drain"), default="run", help="default: run")
    add("--root", required=True, metavar="DIR", help="the side's folder (/covey in a Pod)")
    add("--side", choices=SIDES, help="needed by run")
    add("--trust-domain", metavar="NAME", help="needed by run")
    # In a Pod others must reach the aggregator; it speaks mutual TLS only.
    add("--listen", default="0.0.0.0", metavar="ADDRESS", help="of the aggregator's listener")  # noqa: S104 - see above
    age = Limits().connection_age
    add("--connection-age", type=float, default=age, metavar="SECONDS", help="the longest life of one connection")
    add("--seconds", type=float, default=20.0, help="how long requests in flight may take to finish")
    return parser


def _run(layout: Layout, given: argparse.Namespace) -> int:
    if given.side is None or given.trust_domain is None:
        _parser().error("run needs --side and --trust-domain")
    if not TRUST_DOMAIN.match(given.trust_domain):
        raise BadStartError(f"{given.trust_domain!r} is no trust domain.")
    stop = Stop()
    stop.listen()
    start = _read_start(layout, given)
    for folder in (layout.proxy, layout.live):
        make_folder(folder)
    os.chdir(layout.proxy)
    lock = _lock()
    layout.draining.unlink(missing_ok=True)
    layout.serving.unlink(missing_ok=True)
    try:
        return run(_side(layout, start, given), layout, stop, grace=given.seconds)
    finally:
        os.close(lock)


def _read_start(layout: Layout, given: argparse.Namespace) -> Start:
    try:
        data = layout.start.read_bytes()
    except OSError as error:
        raise BadStartError(f"start.json can't be read: {error.strerror}.") from error
    return parse_start(data, side=given.side, trust_domain=given.trust_domain)


def _side(layout: Layout, start: Start, given: argparse.Namespace) -> Side:
    if given.side == "aggregator":
        limits = Limits(connection_age=given.connection_age)
        return AggregatorSide(layout, start, trust_domain=given.trust_domain, listen=given.listen, limits=limits)
    return CollaboratorSide(layout, start, trust_domain=given.trust_domain)


def _lock() -> int:
    """Held until the process ends, however it ends."""
    handle = os.open("lock", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise TransportError("Another proxy runs in this folder.") from error
    return handle


def _ready(layout: Layout) -> int:
    _enter(layout)
    socket = Path(ADMIN_SOCKET)
    if layout.serving.exists() and admin.is_live(socket) and admin.own_identities(socket):
        return DONE
    sys.stderr.write("The proxy is not ready: Envoy is not up, or has no certificate.\n")
    return NOT_READY


def _drain(layout: Layout, *, seconds: float) -> int:
    """Asks the supervisor, then waits until no request is in flight."""
    _enter(layout)
    layout.draining.touch(mode=0o600)
    until = time.monotonic() + seconds
    time.sleep(0.3)  # the supervisor looks ten times a second
    while time.monotonic() < until:
        try:
            if not admin.active_requests(Path(ADMIN_SOCKET)):
                return DONE
        except admin.AdminError:
            return DONE  # nothing is left that could be drained
        time.sleep(0.05)
    return NOT_READY


def _enter(layout: Layout) -> None:
    try:
        os.chdir(layout.proxy)
    except OSError as error:
        raise BadStartError(f"There is no proxy in {layout.root}: {error.strerror}.") from error


if __name__ == "__main__":
    sys.exit(main())

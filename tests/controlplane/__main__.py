"""`make plane`: a hub and its spokes for people to look around in with kubectl, until Ctrl-C."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

from controlplane import binaries
from controlplane.node.start import start_node
from controlplane.node.trials import IMAGES
from controlplane.ocm import choice
from controlplane.plane import Plane
from controlplane.processes import PlaneError

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_INTERRUPTED = 130


def main() -> int:
    given = _parser().parse_args()
    for name in _SIGNALS:
        signal.signal(name, _interrupt)
    try:
        _run(given)
    except (PlaneError, binaries.NoBinaryError) as error:
        _say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 0


def _run(given: argparse.Namespace) -> None:
    """Until Ctrl-C: while things start it is raised from here, and when all is up it is the usual end."""
    folder = _folder(given.folder)
    plane = Plane(folder, tuple(f"cluster{number}" for number in range(1, given.spokes + 1)))
    began = time.monotonic()
    try:
        binaries.make(binaries.KUBERNETES, _say)
        _say(f"Starting a hub and {given.spokes} spokes in {folder} …")
        plane.start()
        _equip(plane, bare=given.bare)
        _show(plane, time.monotonic() - began, bare=given.bare)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()
    finally:
        plane.close()
        if not given.folder:
            shutil.rmtree(folder, ignore_errors=True)


def _interrupt(*_: object) -> None:
    """Once: what comes after it must not disturb the end."""
    for name in _SIGNALS:
        signal.signal(name, signal.SIG_IGN)
    raise KeyboardInterrupt


def _folder(given: str | None) -> Path:
    """For its owner only: the keys of all clusters are in there."""
    if not given:
        return Path(tempfile.mkdtemp(prefix="covey-plane-"))
    folder = Path(given).absolute()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        raise PlaneError(f"keys will be in {folder}, which others may enter: chmod 700 {folder}")
    return folder


def _equip(plane: Plane, *, bare: bool) -> None:
    """OCM on the hub, its agents on the spokes, and a node for each cluster."""
    if bare:
        return
    ocm = choice.choose()
    _say(f"Starting OCM ({ocm.name}) and joining {', '.join(plane.spokes)} …")
    ocm.start_hub(plane)
    for name in plane.spokes:
        ocm.join(plane, name)
    for name in plane.clusters:
        start_node(plane, name, images=IMAGES)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make plane", description=__doc__)
    parser.add_argument("--spokes", type=int, default=2, metavar="N", help="how many (default: 2)")
    parser.add_argument("--folder", metavar="DIR", help="where it lives; it stays there (default: a temporary one)")
    parser.add_argument("--bare", action="store_true", help="API servers alone: no OCM, no nodes")
    return parser


def _show(plane: Plane, seconds: float, *, bare: bool) -> None:
    _say(f"Up in {seconds:.0f} s. In another terminal:")
    for name, cluster in plane.clusters.items():
        sys.stdout.write(f"  export KUBECONFIG={cluster.admin}   # {name}\n")
    sys.stdout.flush()
    if not bare:
        known = ", ".join(IMAGES)
        _say(f"Nodes know the images {known}: try `kubectl run hello --image=shell -- sh -c 'echo hello'`.")
    _say(f"Logs are in {plane.servers.logs}. Ctrl-C ends it all.")


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())

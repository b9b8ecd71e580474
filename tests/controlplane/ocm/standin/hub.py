"""The stand-in's program on the hub: all of its controllers and webhooks."""

from __future__ import annotations

import argparse
import logging
import signal
import threading
from pathlib import Path

from controlplane.ocm.api import Api
from controlplane.ocm.standin import replicasets
from controlplane.ocm.standin.addon_hub import Addons
from controlplane.ocm.standin.loop import Mirror, run
from controlplane.ocm.standin.placement import Placements
from controlplane.ocm.standin.registration_approval import Approval
from controlplane.ocm.standin.registration_hub import Registration
from controlplane.ocm.standin.registration_sets import Sets
from controlplane.ocm.standin.webhooks import Webhooks


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kubeconfig", type=Path, required=True)
    parser.add_argument("--bootstrap-user", required=True)
    parser.add_argument("--webhooks-port", type=int, required=True)
    parser.add_argument("--webhooks-folder", type=Path, required=True)
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    mirror = Mirror(Api(given.kubeconfig, manager="registration"))
    loops = [
        *Registration(mirror).loops,
        *Sets(mirror).loops,
        *Approval(mirror, bootstrap_user=given.bootstrap_user).loops,
        *Placements(mirror).loops,
        *Addons(mirror).loops,
        *replicasets.controllers(mirror),
    ]
    webhooks = Webhooks(Api(given.kubeconfig, manager="webhooks"), given.webhooks_port, given.webhooks_folder)
    run([webhooks, *loops], [mirror], stop)


if __name__ == "__main__":
    main()

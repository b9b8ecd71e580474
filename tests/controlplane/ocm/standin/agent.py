"""The stand-in's program on a spoke: registration agent and work agent, each with its own rights."""

from __future__ import annotations

import argparse
import logging
import signal
import threading
import warnings
from pathlib import Path

from controlplane.ocm.api import Api
from controlplane.ocm.standin import workagent
from controlplane.ocm.standin.addon_agent import AddonAgent
from controlplane.ocm.standin.loop import Mirror, run
from controlplane.ocm.standin.registration_agent import Status, join, kubeconfig_beside


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", required=True)
    parser.add_argument("--bootstrap-kubeconfig", type=Path, required=True)
    parser.add_argument("--kubeconfig", type=Path, required=True, help="of the registration agent, at the spoke")
    parser.add_argument("--work-kubeconfig", type=Path, required=True, help="of the work agent, at the spoke")
    parser.add_argument("--hub-kubeconfig-dir", type=Path, required=True)
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", message="Attribute's length must be")  # OCM's names are longer
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    bootstrap = Api(given.bootstrap_kubeconfig, manager="registration-agent")
    spoke = Mirror(Api(given.kubeconfig, manager="registration-agent"))
    kubeconfig = join(bootstrap, spoke.api, given.name, given.hub_kubeconfig_dir)
    hub = Mirror(Api(kubeconfig, manager="registration-agent"))
    works = Mirror(Api(kubeconfig, manager="work-agent")), Mirror(Api(given.work_kubeconfig, manager="work-agent"))
    loops = [
        *Status(hub, spoke, given.name).loops,
        *AddonAgent(hub, spoke, given.name, kubeconfig_beside(bootstrap)).loops,
        *workagent.controllers(*works, given.name),
    ]
    run(loops, [hub, spoke, *works], stop)


if __name__ == "__main__":
    main()

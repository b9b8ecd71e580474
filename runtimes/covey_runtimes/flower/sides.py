"""The processes of both sides. What imports Flower is in `inside/`, and runs in Flower's own environment."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import asdict
from typing import TYPE_CHECKING

from covey_core.launch.exits import Exit, LaunchError
from covey_runtimes import environments, partition
from covey_runtimes.adapter import Process, Side
from covey_runtimes.flower import configuration
from covey_runtimes.own_code import inside

if TYPE_CHECKING:
    from pathlib import Path

    from covey_runtimes.adapter import Place

_FAREWELL = 1.5  # seconds: a SuperNode never learns that a run is over, its launcher must


def aggregator(place: Place) -> Side:
    python = environments.python("flower", place.app)
    start = place.start
    env = _environment(place, python) | {
        "COVEY_MEMBERS": str(place.members),
        "COVEY_ROUNDS": str(start.rounds),
        "COVEY_MINIMUM": str(place.needed),
        "COVEY_MINIMUM_PER_ROUND": str(start.minimum_per_round),
        "COVEY_ROUND_SECONDS": str(start.timeouts.round),
        "COVEY_DONE": str(place.resume.round if place.resume else 0),
        "COVEY_RESUME": str(place.resume.folder) if place.resume else "",
    }
    if start.privacy:
        env |= {
            "COVEY_PRIVACY": json.dumps(asdict(start.privacy)),
            "COVEY_LATEST": str(place.handoff.parents[1] / "LATEST"),
        }
    words = json.dumps(configuration.of_run(place.app, start.configuration, rounds=start.rounds))
    argv = _argv(python, "aggregator", str(place.port), words)
    return Side((Process("flower", argv, env, main=True),), farewell=_FAREWELL)


def collaborator(place: Place) -> Side:
    python = environments.python("flower", place.app)
    env = _environment(place, python)
    key = place.tmp / f"key-{place.epoch}.pem"
    public = _public_key(python, key, env)
    own = place.start.ports.runtime  # the SuperNode's, for the apps that it starts
    argv = _argv(python, "collaborator", str(key), str(place.port), str(own), _node(place))
    return Side((Process("flower", argv, env),), public_key=public)


def _argv(python: Path, *words: str) -> tuple[str, ...]:
    return (str(python), "-P", "-m", "covey_flower.side", *words)


def _node(place: Place) -> str:
    """The node's configuration: who it is, and which partition of the data it has, where the data says so."""
    words = [f'cluster-name="{place.start.name}"']
    if part := partition.read(place.data):
        words += [f"partition-id={part.id}", f"num-partitions={part.of}"]
    return " ".join(words)


def _environment(place: Place, python: Path) -> dict[str, str]:
    """Offline, quiet, one thread for each process, and compiled bytecode where the environment is read-only."""
    return {
        "PATH": os.pathsep.join([str(python.parent), os.environ.get("PATH", os.defpath)]),
        "PYTHONPATH": inside("flower"),
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONUNBUFFERED": "1",
        "FLWR_HOME": str(place.tmp / "flwr"),
        "FLWR_TELEMETRY_ENABLED": "0",
        "FLWR_DISABLE_UPDATE_CHECK": "1",
        "FLWR_DISABLE_RUNTIME_DEPENDENCY_INSTALLATION": "1",
        "FLWR_SUPEREXEC_TASK_POLL_INTERVAL": "0.1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def _public_key(python: Path, path: Path, env: dict[str, str]) -> str:
    """Makes the key pair of this epoch; the private key never leaves the collaborator's own folder."""
    made = subprocess.run(  # noqa: S603 - our own words, no shell
        (python, "-P", "-m", "covey_flower.key", path),
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        last = made.stderr.strip().rpartition("\n")[2]
        raise LaunchError(f"No key could be made for the SuperNode: {last}.", code=Exit.AGAIN)
    return made.stdout.strip()

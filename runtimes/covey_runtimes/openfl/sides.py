"""The processes of both sides. What imports OpenFL is in `inside/`, and runs in OpenFL's own environment."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

from covey_runtimes import environments, partition
from covey_runtimes.adapter import Process, Side
from covey_runtimes.launch.app_digest import BYTECODE, NO_PART
from covey_runtimes.own_code import inside

if TYPE_CHECKING:
    from covey_runtimes.adapter import Place

_FAREWELL = 1.5  # seconds: a collaborator that is just restarting has missed the runtime's own goodbye


def aggregator(place: Place) -> Side:
    start = place.start
    own = {
        "COVEY_MEMBERS": str(place.members),
        "COVEY_NEEDED": str(place.needed),
        "COVEY_MINIMUM_PER_ROUND": str(start.minimum_per_round),
        "COVEY_DONE": str(place.resume.round if place.resume else 0),
        "COVEY_RESUME": str(place.resume.folder) if place.resume else "",
    }
    return Side((_process(place, "aggregator", own, port=place.port),), farewell=_FAREWELL)


def collaborator(place: Place) -> Side:
    # OpenFL has no keys of its own: who sends is told by the proxy, from the certificate. What another member of the
    # roster could guess it could register first.
    key = f"{place.epoch}/{place.start.name}/{secrets.token_hex(8)}"
    return Side((_process(place, "collaborator", {}),), public_key=key)


def _process(place: Place, name: str, own: dict[str, str], *, port: int = 0) -> Process:
    """Offline, one thread for each process, and the same plan on every side."""
    part = partition.read(place.data)
    env = {
        "PYTHONPATH": inside("openfl"),
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONUNBUFFERED": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "GRPC_ENABLE_FORK_SUPPORT": "0",  # apps' data loaders may fork, and never use the connection
        "COVEY_EPOCH": place.epoch,
        "COVEY_PORT": str(place.port),
        "COVEY_NO_PART": json.dumps([*sorted(NO_PART), *(f"*{end}" for end in BYTECODE)]),
        "COVEY_PARTITION": str(part.id) if part else "",
        "COVEY_ROUNDS": str(place.start.rounds),
        "COVEY_CONFIGURATION": json.dumps(dict(place.start.configuration)),
    }
    python = environments.python("openfl", place.app)
    return Process(name, (str(python), "-P", "-m", f"covey_openfl.{name}"), env | own, port=port, main=True)

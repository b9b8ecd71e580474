"""A runtime from outside the project: a parameter server over HTTP, for tests that want rounds in milliseconds.

Nothing but this module knows Covey; the processes themselves get their words on the command line and by environment.
"""

from __future__ import annotations

import json
import secrets
import sys

from covey_core.model.runtime import Capability, Runtime
from covey_runtimes.adapter import Process, Side

RUNTIME = Runtime(
    name="tiny",
    framework="other",
    capabilities=frozenset({Capability.RESUME, Capability.DYNAMIC_ROSTER}),
    proxy={
        "routes": [{"path": "/tiny/work", "methods": ["GET"]}, {"path": "/tiny/update", "methods": ["POST"]}],
        "upstream": "http1",
        "upstreamIdleSeconds": 3,
        "keyHeader": "x-tiny-key",
    },
)
_FAST = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}


def aggregator(place):
    start = place.start
    words = {
        "port": place.port,
        "rounds": start.rounds,
        "minimum": place.needed,
        "minimumPerRound": start.minimum_per_round,
        "configuration": dict(start.configuration),
        "members": str(place.members),
        "done": place.resume.round if place.resume else 0,
        "resume": str(place.resume.folder) if place.resume else "",
    }
    return Side((_process("server", words, port=place.port),))


def collaborator(place):
    key = secrets.token_hex(16)
    words = {
        "port": place.port,
        "name": place.start.name,
        "key": key,
        "configuration": dict(place.start.configuration),
    }
    return Side((_process("client", words),), public_key=key)


def _process(name, words, *, port=0):
    argv = (sys.executable, "-m", f"tiny_runtime.{name}", json.dumps(words))
    return Process(name=name, argv=argv, env=_FAST, port=port, main=True)

"""What the two sides say to each other at `/covey/v1/session`, on loopback and through the proxies.

Each start of the aggregator is a new epoch. A collaborator registers its public key of this epoch; the proxy at the
aggregator's end binds it to the certificate through which it came.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from covey_core.manifests import canonical_json

PATH = "/covey/v1/session"
MEMBERS = "/covey/v1/session/members"
MAX_BODY = 64 * 1024


@dataclass(frozen=True, slots=True)
class Epoch:
    """`run` is the run's uid, so that a ghost of another run is seen as one."""

    run: str
    epoch: str


@dataclass(frozen=True, slots=True)
class Registration:
    epoch: str
    public_key: str


def encode_epoch(value: Epoch) -> bytes:
    return canonical_json({"run": value.run, "epoch": value.epoch})


def decode_epoch(data: bytes) -> Epoch | None:
    value = _texts(data, "run", "epoch")
    return Epoch(*value) if value else None


def encode_registration(value: Registration) -> bytes:
    return canonical_json({"epoch": value.epoch, "publicKey": value.public_key})


def decode_registration(data: bytes) -> Registration | None:
    value = _texts(data, "epoch", "publicKey")
    return Registration(*value) if value else None


def _texts(data: bytes, *names: str) -> tuple[str, ...] | None:
    try:
        value = json.loads(data)
    except ValueError:
        return None
    if len(data) > MAX_BODY or not isinstance(value, dict) or any(not isinstance(value.get(n), str) for n in names):
        return None
    return tuple(value[name] for name in names)

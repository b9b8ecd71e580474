"""What Covey must know of a federated-learning runtime to check and render a job for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Capability(StrEnum):
    """What a runtime can do; a spec that needs a missing one is refused before merge."""

    RESUME = "resume"
    DYNAMIC_ROSTER = "dynamic-roster"
    DIFFERENTIAL_PRIVACY = "differential-privacy"
    LOOPBACK_TLS = "loopback-tls"


@dataclass(frozen=True, slots=True)
class Runtime:
    """A runtime: the name that specs use, upstream's `framework` value, and its capabilities."""

    name: str
    framework: str
    capabilities: frozenset[Capability]

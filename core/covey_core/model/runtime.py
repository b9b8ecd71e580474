"""What Covey must know of a federated-learning runtime to check and render a job for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class Capability(StrEnum):
    """What a runtime can do; a spec that needs a missing one is refused before merge."""

    RESUME = "resume"
    DYNAMIC_ROSTER = "dynamic-roster"
    DIFFERENTIAL_PRIVACY = "differential-privacy"


@dataclass(frozen=True, slots=True)
class Runtime:
    """A runtime: the name that specs use, upstream's `framework` value, and its capabilities.

    `proxy` are the paths that the proxies let through, and the header that names a collaborator's key, as they stand
    in `start.json` (see the proxy's rules); a runtime that gives none can't be reached.
    """

    name: str
    framework: str
    capabilities: frozenset[Capability]
    proxy: Mapping[str, Any] = field(default_factory=dict, hash=False)

"""Which OCM a plane runs: OCM's own programs where COVEY_OCM_ASSETS names a folder with them, else the stand-in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from controlplane.ocm.real import RealOcm
from controlplane.ocm.standin.programs import StandIn

if TYPE_CHECKING:
    from controlplane.plane import Plane

ASSETS = "COVEY_OCM_ASSETS"


class Ocm(Protocol):
    """What a test may know of OCM; all else it reads from the API servers."""

    name: str  # for the header of a test run
    agents: dict[str, Any]  # by the spokes whose agents run

    def start_hub(self, plane: Plane) -> None:
        """CRDs, webhooks and controllers."""

    def join(self, plane: Plane, name: str) -> None:
        """The agents of one spoke; returns when its cluster is available. Again after `stop_agent`."""

    def stop_agent(self, plane: Plane, name: str) -> None:
        """As a spoke that is cut off: its lease runs out."""


def choose() -> Ocm:
    """One that has not been started."""
    folder = os.environ.get(ASSETS)
    return RealOcm(Path(folder)) if folder else StandIn()


def describe() -> str:
    """A line for the header of a test run."""
    return f"OCM: {choose().name}"

"""Flower (flwr), the first choice for new apps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covey_core.model.runtime import Capability, Runtime

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from covey_runtimes.adapter import Place, Side
    from covey_runtimes.existing import ExistingApp

RUNTIME = Runtime(
    name="flower",
    framework="flower",
    capabilities=frozenset({Capability.RESUME, Capability.DYNAMIC_ROSTER, Capability.DIFFERENTIAL_PRIVACY}),
    proxy={
        "routes": [
            {
                "path": "/v1/fleet/pull-messages",
                "methods": ["POST"],
                # Flower asks every three seconds; the proxy asks again at once, well within the client's 30 seconds.
                "again": {"header": "content-length", "value": "0", "pauseSeconds": 0.1, "times": 120},
                "quiet": True,
            },
            {"path": "/v1/fleet/", "methods": ["POST"]},
        ],
        "upstream": "http1",
        "upstreamIdleSeconds": 3,  # the SuperLink closes idle connections after 5
        "keyHeader": "flwr-public-key",
    },
)
DISTRIBUTION = "flwr"
APPS = "a pyproject.toml with [tool.flwr.app]"  # how its apps are known


def aggregator(place: Place) -> Side:
    from covey_runtimes.flower import sides  # noqa: PLC0415 - the renderer needs RUNTIME only

    return sides.aggregator(place)


def collaborator(place: Place) -> Side:
    from covey_runtimes.flower import sides  # noqa: PLC0415 - as above

    return sides.collaborator(place)


def interpreter(app: Path, tell: Callable[[str], None] | None = None) -> Path:
    from covey_runtimes import environments  # noqa: PLC0415 - as above

    return environments.make(RUNTIME.name, app, tell)


def existing_app(folder: Path) -> ExistingApp | None:
    from covey_runtimes.flower import existing  # noqa: PLC0415 - as above

    return existing.existing_app(folder)

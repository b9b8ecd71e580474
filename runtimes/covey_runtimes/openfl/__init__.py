"""OpenFL 1.9, for workspaces that exist already; it has no differential privacy here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covey_core.model.runtime import Capability, Runtime

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from covey_runtimes.adapter import Place, Side
    from covey_runtimes.existing import ExistingApp

RUNTIME = Runtime(
    name="openfl",
    framework="openfl",
    capabilities=frozenset({Capability.RESUME, Capability.DYNAMIC_ROSTER}),
    proxy={
        "routes": [{"path": "/openfl.aggregator.Aggregator/", "methods": ["POST"]}],
        "upstream": "http2",
        "upstreamIdleSeconds": 300,
    },
)
DEPENDENCIES = "requirements.txt"  # what a workspace needs beyond OpenFL
DISTRIBUTION = "openfl"
APPS = "a workspace with plan/plan.yaml"  # how its apps are known


def aggregator(place: Place) -> Side:
    from covey_runtimes.openfl import sides  # noqa: PLC0415 - the renderer needs RUNTIME only

    return sides.aggregator(place)


def collaborator(place: Place) -> Side:
    from covey_runtimes.openfl import sides  # noqa: PLC0415 - as above

    return sides.collaborator(place)


def interpreter(app: Path, tell: Callable[[str], None] | None = None) -> Path:
    from covey_runtimes import environments  # noqa: PLC0415 - as above

    return environments.make(RUNTIME.name, app, tell)


def existing_app(folder: Path) -> ExistingApp | None:
    from covey_runtimes.openfl import existing  # noqa: PLC0415 - as above

    return existing.existing_app(folder)

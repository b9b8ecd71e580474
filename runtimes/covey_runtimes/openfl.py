"""OpenFL 1.9, for apps that exist already; its roster is fixed and it has no differential privacy."""

from __future__ import annotations

from covey_core.model.runtime import Capability, Runtime

RUNTIME = Runtime(
    name="openfl",
    framework="openfl",
    capabilities=frozenset({Capability.RESUME}),
    proxy={
        "routes": [{"path": "/openfl.aggregator.Aggregator/", "methods": ["POST"]}],
        "upstream": "http2",
        "upstreamIdleSeconds": 300,
    },
)

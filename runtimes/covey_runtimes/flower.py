"""Flower (flwr), the first choice for new apps."""

from __future__ import annotations

from covey_core.model.runtime import Capability, Runtime

RUNTIME = Runtime(
    name="flower",
    framework="flower",
    capabilities=frozenset(
        {
            Capability.RESUME,
            Capability.DYNAMIC_ROSTER,
            Capability.DIFFERENTIAL_PRIVACY,
            Capability.LOOPBACK_TLS,
        },
    ),
)

"""The ways in which a collaborator can reach an aggregator."""

from __future__ import annotations

from enum import StrEnum


class ListenerType(StrEnum):
    NODE_PORT = "NodePort"
    LOAD_BALANCER = "LoadBalancer"
    ROUTE = "Route"

"""What the platform team decides for all jobs, complete and frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from covey_core.model.listener import ListenerType


@dataclass(frozen=True, slots=True)
class Hub:
    """The OCM hub: Covey's namespace there, its API server's addresses, and what Argo CD follows."""

    namespace: str
    api_server_cidrs: tuple[str, ...]
    api_server_port: int
    repository: str
    branch: str
    argocd_namespace: str


@dataclass(frozen=True, slots=True)
class Namespace:
    """A namespace with the team that may change its jobs and the cluster sets they may use."""

    name: str
    team: str
    cluster_sets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FleetListener:
    """The usual listener; `domain` is empty unless Routes are used."""

    type: ListenerType
    domain: str
    source_ranges: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Egress:
    """Where collaborators' proxies may connect; each port is a number or a range `from-to`."""

    cidr: str
    ports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fleet:
    """The fleet; `fs_group` 0 leaves the volumes' group to the cluster."""

    name: str
    trust_domain: str
    hub: Hub
    namespaces: tuple[Namespace, ...]
    listener: FleetListener
    proxy_image: str
    fs_group: int
    egress: tuple[Egress, ...]
    spec: Mapping[str, Any]

    def namespace(self, name: str) -> Namespace | None:
        return next((namespace for namespace in self.namespaces if namespace.name == name), None)

    @property
    def cluster_sets(self) -> tuple[str, ...]:
        """All cluster sets that some namespace may use, sorted."""
        return tuple(sorted({name for namespace in self.namespaces for name in namespace.cluster_sets}))

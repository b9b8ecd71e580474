"""The way in: how collaborators reach a job's aggregator. TLS ends at the aggregator's proxy, never before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from covey_core import names
from covey_core.model.listener import ListenerType
from covey_core.render.objects import WAVE_LAST, WAVE_READY, manifest
from covey_core.render.start import PROXY_PORT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from covey_core.manifests import Manifest
    from covey_core.model.fleet import Fleet
    from covey_core.model.job import FederatedJob

_PORT_NAME = "mtls"
_PORT = 443
_SERVICE_TYPES = {
    ListenerType.NODE_PORT: "NodePort",
    ListenerType.LOAD_BALANCER: "LoadBalancer",
    ListenerType.ROUTE: "ClusterIP",
}


@dataclass(frozen=True, slots=True)
class Listener:
    """A job's listener, with the name that its certificate and the collaborators' TLS name; `node_port` 0 is any."""

    type: ListenerType
    node_port: int
    server_name: str
    source_ranges: tuple[str, ...]


def listener_of(job: FederatedJob, fleet: Fleet) -> Listener:
    """The job's own listener where it has one, else the fleet's."""
    kind = job.listener.type if job.listener else fleet.listener.type
    server_name = f"{job.name}.{job.namespace}.{fleet.trust_domain}"
    if kind is ListenerType.ROUTE:
        server_name = f"{job.name}-{job.namespace}.{fleet.listener.domain}"
    node_port = job.listener.node_port if job.listener else 0
    return Listener(kind, node_port, server_name, fleet.listener.source_ranges)


def listener_objects(job: FederatedJob, listener: Listener, *, labels: Mapping[str, str]) -> tuple[Manifest, ...]:
    service = _service(job, listener, labels)
    if listener.type is ListenerType.ROUTE:
        return (service, _route(job, listener, labels))
    return (service,)


def _service(job: FederatedJob, listener: Listener, labels: Mapping[str, str]) -> Manifest:
    port: dict[str, Any] = {"name": _PORT_NAME, "port": _PORT, "protocol": "TCP", "targetPort": PROXY_PORT}
    if listener.node_port:
        port["nodePort"] = listener.node_port
    spec: dict[str, Any] = {
        "type": _SERVICE_TYPES[listener.type],
        "selector": {names.LABEL_COMPONENT: "aggregator", names.LABEL_JOB: job.name},
        "ports": [port],
    }
    balanced = listener.type is ListenerType.LOAD_BALANCER
    if balanced and listener.source_ranges:
        spec["loadBalancerSourceRanges"] = list(listener.source_ranges)
    wave = WAVE_LAST if balanced else WAVE_READY
    name = names.listener(job.name)
    return manifest("v1", "Service", name=name, namespace=job.namespace, wave=wave, labels=labels, spec=spec)


def _route(job: FederatedJob, listener: Listener, labels: Mapping[str, str]) -> Manifest:
    name = names.listener(job.name)
    return manifest(
        "route.openshift.io/v1",
        "Route",
        name=name,
        namespace=job.namespace,
        labels=labels,
        spec={
            "host": listener.server_name,
            "port": {"targetPort": _PORT_NAME},
            "tls": {"termination": "passthrough", "insecureEdgeTerminationPolicy": "None"},
            "to": {"kind": "Service", "name": name, "weight": 100},
            "wildcardPolicy": "None",
        },
    )

"""Network policies: nothing may talk, but the aggregator's and the collaborators' proxies, to whom they must."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from covey_core import names
from covey_core.render.start import PROXY_PORT

if TYPE_CHECKING:
    from covey_core.model.fleet import Egress, Fleet

Plain = dict[str, Any]
_DNS_PORTS = (53, 5353)  # OpenShift's DNS Pods listen on 5353


def deny_all() -> Plain:
    return {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def aggregator_policy(fleet: Fleet) -> Plain:
    """In: the listener's port, from the ranges given. Out: DNS and the hub's API server."""
    way_in: Plain = {"ports": [_tcp(PROXY_PORT)]}
    if fleet.listener.source_ranges:
        way_in["from"] = [_block(cidr) for cidr in fleet.listener.source_ranges]
    api_server = {
        "ports": [_tcp(fleet.hub.api_server_port)],
        "to": [_block(cidr) for cidr in fleet.hub.api_server_cidrs],
    }
    return _policy("aggregator") | {"ingress": [way_in], "egress": [_dns(), api_server]}


def collaborator_policy(fleet: Fleet) -> Plain:
    """In: nothing. Out: DNS and the hub's listeners."""
    return _policy("collaborator") | {"egress": [_dns(), *(_destination(one) for one in fleet.egress)]}


def _policy(component: str) -> Plain:
    return {
        "podSelector": {"matchLabels": {names.LABEL_COMPONENT: component}},
        "policyTypes": ["Ingress", "Egress"],
    }


def _destination(egress: Egress) -> Plain:
    return {"ports": [_range(port) for port in egress.ports], "to": [_block(egress.cidr)]}


def _range(text: str) -> Plain:
    first, _, last = text.partition("-")
    return _tcp(int(first)) | ({"endPort": int(last)} if last else {})


def _dns() -> Plain:
    return {
        "ports": [{"port": port, "protocol": protocol} for port in _DNS_PORTS for protocol in ("UDP", "TCP")],
        "to": [{"namespaceSelector": {}}],
    }


def _tcp(port: int) -> Plain:
    return {"port": port, "protocol": "TCP"}


def _block(cidr: str) -> Plain:
    return {"ipBlock": {"cidr": cidr}}

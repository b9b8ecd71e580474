"""A collaborator's proxy: plain HTTP on loopback inside, mutual TLS to the run's one aggregator outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from covey_transport.proxy import parts
from covey_transport.proxy.admission import match_of
from covey_transport.proxy.parts import Limits, Plain, filter_of, seconds, typed

if TYPE_CHECKING:
    from pathlib import Path

    from covey_transport.layout import Layout
    from covey_transport.proxy.rules import Again, Route, Rules

_MANAGER = "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
_AGGREGATOR = "aggregator"
_LOOPBACK = "127.0.0.1"

# "Not on the roster" means "later": a runtime may give up on 403 (gRPC: 7), while all try again on 503 (gRPC: 14).
# Only the aggregator's proxy sets the mark, so a refusal by the runtime itself stays what it is.
_LATER = f"""
function envoy_on_response(handle)
  local headers = handle:headers()
  if headers:get("{parts.REFUSED_HEADER}") == nil then return end
  if headers:get(":status") == "403" then headers:replace(":status", "503") end
  if headers:get("grpc-status") == "7" then headers:replace("grpc-status", "14") end
end
"""


@dataclass(frozen=True, slots=True)
class CollaboratorProxy:
    layout: Layout
    port: int
    rules: Rules
    limits: Limits


@dataclass(frozen=True, slots=True)
class Peer:
    """The one aggregator of this run; all of it may change while the run goes on, except its identity."""

    host: str
    port: int
    server_name: str
    identity: str
    authorities: Path


def collaborator_bootstrap(proxy: CollaboratorProxy) -> Plain:
    """What Envoy starts with; routes and the aggregator's address come from files of their own."""
    listener = {
        "name": "local",
        "address": parts.address(_LOOPBACK, proxy.port),
        "enable_reuse_port": False,
        "per_connection_buffer_limit_bytes": parts.BUFFER_BYTES,
        "filter_chains": [{"filters": [{"name": "http", "typed_config": _manager(proxy)}]}],
    }
    clusters_from = {"cds_config": parts.watched(proxy.layout.clusters)}
    return parts.bootstrap("collaborator", listener, dynamic_resources=clusters_from)


def collaborator_routes(peer: Peer, rules: Rules) -> Plain:
    """The open paths; the host's name goes out as the server name, and the certificate must bear it."""
    session = {"path": parts.SESSION_PATH}
    routes = [_route(session, peer, None), *(_route(match_of(route), peer, route) for route in rules.routes)]
    host = {"name": _AGGREGATOR, "domains": ["*"], "routes": routes}
    config = typed("config.route.v3.RouteConfiguration", name=_AGGREGATOR, virtual_hosts=[host])
    return {"resources": [config]}


def collaborator_clusters(peer: Peer, layout: Layout) -> Plain:
    cluster = {
        "name": _AGGREGATOR,
        # One host with all its addresses, old and new protocol, tried side by side; the first that answers is taken.
        "type": "LOGICAL_DNS",
        "dns_lookup_family": "ALL",
        "connect_timeout": "5s",
        "per_connection_buffer_limit_bytes": parts.BUFFER_BYTES,
        "circuit_breakers": parts.RETRIES,
        "typed_extension_protocol_options": parts.http_options("http2", idle=240, verify_server_name=True),
        "load_assignment": parts.endpoints(_AGGREGATOR, parts.address(peer.host, peer.port)),
        "transport_socket": {"name": "tls", "typed_config": _tls(peer, layout)},
    }
    return {"resources": [typed("config.cluster.v3.Cluster", **cluster)]}


def _tls(peer: Peer, layout: Layout) -> Plain:
    """The identity is matched here, the server name by `auto_san_validation`: both must fit."""
    context = parts.tls_context(
        layout.own_certificate, layout.peers, matcher={"exact": peer.identity}, protocols=("h2",)
    )
    return typed(
        "extensions.transport_sockets.tls.v3.UpstreamTlsContext", sni=peer.server_name, common_tls_context=context
    )


def _manager(proxy: CollaboratorProxy) -> Plain:
    return typed(
        _MANAGER,
        stat_prefix="local",
        codec_type="AUTO",
        server_header_transformation="PASS_THROUGH",
        stream_idle_timeout="0s",
        request_headers_timeout=seconds(proxy.limits.headers),
        rds={"route_config_name": _AGGREGATOR, "config_source": parts.watched(proxy.layout.routes)},
        http_filters=[
            filter_of("later", "extensions.filters.http.lua.v3.Lua", default_source_code={"inline_string": _LATER}),
            filter_of("router", "extensions.filters.http.router.v3.Router", suppress_envoy_headers=True),
        ],
        access_log=[_request_log()],
    )


def _route(match: Plain, peer: Peer, route: Route | None) -> Plain:
    again = route.again if route else None
    action = {
        "cluster": _AGGREGATOR,
        "timeout": "0s",
        "host_rewrite_literal": peer.server_name,
        "retry_policy": _retries(again),
    }
    return {"match": match, "route": action}


def _retries(again: Again | None) -> Plain:
    always = "reset-before-request,connect-failure,refused-stream"
    if again is None:
        return {"retry_on": always, "num_retries": 3}
    answer = {"name": again.header, "string_match": {"exact": again.value}}
    pause = {"base_interval": seconds(again.pause), "max_interval": seconds(again.pause * 2)}
    return {
        "retry_on": f"{always},retriable-headers",
        "retriable_headers": [answer],
        "num_retries": again.times,
        "retry_back_off": pause,
    }


def _request_log() -> Plain:
    """Failures only: the aggregator's side tells of every request that reaches it."""
    fields = {
        "method": "%REQ(:METHOD)%",
        "path": "%PATH(NQ)%",
        "code": "%RESPONSE_CODE%",
        "grpc": "%GRPC_STATUS%",
        "refused": f"%RESP({parts.REFUSED_HEADER})%",
        "why": "%RESPONSE_CODE_DETAILS%",
        "tls": "%UPSTREAM_TRANSPORT_FAILURE_REASON%",
        "upstream": "%UPSTREAM_REMOTE_ADDRESS%",
        "flags": "%RESPONSE_FLAGS%",
        "ms": "%DURATION%",
    }
    return parts.log("request", fields, filter={"or_filter": {"filters": parts.failures()}})

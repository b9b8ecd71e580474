"""The aggregator's proxy: mutual TLS outside, the runtime on loopback inside."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from covey_transport.layout import SESSION_SOCKET
from covey_transport.proxy import parts
from covey_transport.proxy.admission import ROUTES, RUNTIME, SESSION
from covey_transport.proxy.parts import Limits, Plain, filter_of, seconds, typed

if TYPE_CHECKING:
    from covey_transport.layout import Layout
    from covey_transport.proxy.rules import Rules

# Envoy believes x-envoy headers of "internal" peers: here that is only the address that nobody has.
_NOBODY = {"unix_sockets": False, "cidr_ranges": [{"address_prefix": "::", "prefix_len": 128}]}
_MANAGER = "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"


@dataclass(frozen=True, slots=True)
class AggregatorProxy:
    layout: Layout
    listen: str
    port: int
    runtime_port: int
    trust_domain: str
    rules: Rules
    limits: Limits


def aggregator_bootstrap(proxy: AggregatorProxy) -> Plain:
    """What Envoy starts with; the routes and certificates come from files of their own and may change."""
    chain = {
        "transport_socket": {"name": "tls", "typed_config": _tls(proxy)},
        "transport_socket_connect_timeout": seconds(proxy.limits.handshake),
        "filters": [{"name": "http", "typed_config": _manager(proxy)}],
    }
    listener = {
        "name": ROUTES,
        "address": parts.address(proxy.listen, proxy.port),
        "enable_reuse_port": False,  # a second proxy on this port must fail, not share it
        "per_connection_buffer_limit_bytes": parts.BUFFER_BYTES,
        "filter_chains": [chain],
        "access_log": [_connection_log()],
    }
    return parts.bootstrap("aggregator", listener, clusters=[_runtime(proxy), _session()])


def _tls(proxy: AggregatorProxy) -> Plain:
    layout = proxy.layout
    context = parts.tls_context(
        layout.own_certificate,
        layout.peers,
        matcher={"prefix": f"spiffe://{proxy.trust_domain}/cluster/"},
        protocols=("h2", "http/1.1"),
    )
    name = "extensions.transport_sockets.tls.v3.DownstreamTlsContext"
    return typed(name, require_client_certificate=True, common_tls_context=context)


def _manager(proxy: AggregatorProxy) -> Plain:
    limits = proxy.limits
    return typed(
        _MANAGER,
        stat_prefix=ROUTES,
        codec_type="AUTO",
        normalize_path=True,
        merge_slashes=True,
        path_with_escaped_slashes_action="REJECT_REQUEST",
        forward_client_cert_details="SANITIZE_SET",
        set_current_client_cert_details={"subject": True, "uri": True},
        use_remote_address=True,
        internal_address_config=_NOBODY,
        server_header_transformation="PASS_THROUGH",
        stream_idle_timeout="0s",
        request_headers_timeout=seconds(limits.headers),
        common_http_protocol_options={
            "idle_timeout": seconds(limits.idle),
            "max_connection_duration": seconds(limits.connection_age),
            "headers_with_underscores_action": "REJECT_REQUEST",
        },
        http2_protocol_options={"max_concurrent_streams": 256},
        rds={"route_config_name": ROUTES, "config_source": parts.watched(proxy.layout.routes)},
        http_filters=[
            filter_of("rbac", "extensions.filters.http.rbac.v3.RBAC", rules={"action": "ALLOW", "policies": {}}),
            filter_of("router", "extensions.filters.http.router.v3.Router", suppress_envoy_headers=True),
        ],
        local_reply_config={"mappers": [_refusal_mark()]},
        access_log=[_request_log(proxy.rules)],
    )


def _refusal_mark() -> Plain:
    """A 403 of Envoy's own is the roster's: by this header the collaborator's proxy tells it from the runtime's."""
    header = {"header": {"key": parts.REFUSED_HEADER, "value": "%RESPONSE_CODE_DETAILS%"}}
    refused = {"comparison": {"op": "EQ", "value": {"default_value": 403, "runtime_key": "covey.refused"}}}
    return {"filter": {"status_code_filter": refused}, "headers_to_add": [header]}


def _request_log(rules: Rules) -> Plain:
    fields = {
        "who": "%DOWNSTREAM_PEER_URI_SAN%",
        "subject": "%DOWNSTREAM_PEER_SUBJECT%",
        "serial": "%DOWNSTREAM_PEER_SERIAL%",
        "from": "%DOWNSTREAM_REMOTE_ADDRESS%",
        "method": "%REQ(:METHOD)%",
        "path": "%PATH(NQ)%",
        "code": "%RESPONSE_CODE%",
        "grpc": "%GRPC_STATUS%",
        "why": "%RESPONSE_CODE_DETAILS%",
        "flags": "%RESPONSE_FLAGS%",
        "in": "%BYTES_RECEIVED%",
        "out": "%BYTES_SENT%",
        "ms": "%DURATION%",
        "connection": "%CONNECTION_ID%",
    }
    return parts.log("request", fields, **_unless_quiet(rules))


def _unless_quiet(rules: Rules) -> Plain:
    """Polls that succeed are not told, everything else is; a gRPC call that is refused has the code 200."""
    quiet = "|".join(re.escape(path) for path in [parts.SESSION_PATH, *(r.path for r in rules.routes if r.quiet)])
    other = {"name": ":path", "string_match": {"safe_regex": {"regex": f"(?:{quiet})(?:\\?.*)?"}}, "invert_match": True}
    kind = "extensions.access_loggers.filters.cel.v3.ExpressionFilter"
    refused = filter_of("refused", kind, expression="response.code_details.startsWith('rbac_')")
    filters = [*parts.failures(), {"header_filter": {"header": other}}, {"extension_filter": refused}]
    return {"filter": {"or_filter": {"filters": filters}}}


def _connection_log() -> Plain:
    """A handshake that is refused never becomes a request: its reason stands here."""
    fields = {
        "who": "%DOWNSTREAM_PEER_URI_SAN%",
        "subject": "%DOWNSTREAM_PEER_SUBJECT%",
        "serial": "%DOWNSTREAM_PEER_SERIAL%",
        "from": "%DOWNSTREAM_REMOTE_ADDRESS%",
        "tls": "%DOWNSTREAM_TLS_VERSION%",
        "why": "%DOWNSTREAM_TRANSPORT_FAILURE_REASON%",
        "flags": "%RESPONSE_FLAGS%",
        "ms": "%DURATION%",
        "connection": "%CONNECTION_ID%",
    }
    return parts.log("connection", fields)


def _runtime(proxy: AggregatorProxy) -> Plain:
    rules = proxy.rules
    return {
        "name": RUNTIME,
        "type": "STATIC",
        "connect_timeout": "2s",
        "per_connection_buffer_limit_bytes": parts.BUFFER_BYTES,
        "circuit_breakers": parts.RETRIES,
        "typed_extension_protocol_options": parts.http_options(rules.upstream, idle=rules.upstream_idle),
        "load_assignment": parts.endpoints(RUNTIME, parts.address("127.0.0.1", proxy.runtime_port)),
    }


def _session() -> Plain:
    """The supervisor's own socket: only who may open the proxy's folder reaches it."""
    return {
        "name": SESSION,
        "type": "STATIC",
        "connect_timeout": "2s",
        "circuit_breakers": parts.RETRIES,
        "typed_extension_protocol_options": parts.http_options("http1", idle=3),
        "load_assignment": parts.endpoints(SESSION, {"pipe": {"path": SESSION_SOCKET}}),
    }

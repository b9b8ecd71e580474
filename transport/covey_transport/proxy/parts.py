"""Pieces that both sides share: files that Envoy watches, TLS, logs, limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from covey_transport.layout import ADMIN_SOCKET, CERTIFICATE, KEY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Plain = dict[str, Any]

SESSION_PATH = "/covey/v1/session"
CLUSTER_HEADER = "x-covey-cluster"
REFUSED_HEADER = "x-covey-refused"
BUFFER_BYTES = 1 << 20
# Retries of one cluster at the same time; Envoy's default of 3 is too few for long polls.
RETRIES = {
    "thresholds": [
        {"max_connections": 10000, "max_pending_requests": 10000, "max_requests": 10000, "max_retries": 1000}
    ]
}
_TYPE = "type.googleapis.com/envoy."
_TLS_1_3 = {"tls_minimum_protocol_version": "TLSv1_3", "tls_maximum_protocol_version": "TLSv1_3"}


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and counts that are alike in every run."""

    connection_age: float = 600  # an open connection keeps the certificate it began with
    handshake: float = 10
    headers: float = 10
    idle: float = 300
    connections: int = 2000


def typed(kind: str, /, **fields: Any) -> Plain:
    return {"@type": _TYPE + kind, **fields}


def filter_of(name: str, kind: str, /, **fields: Any) -> Plain:
    return {"name": name, "typed_config": typed(kind, **fields)}


def seconds(value: float) -> str:
    return f"{value:.9f}".rstrip("0").rstrip(".") + "s"


def watched(path: Path) -> Plain:
    """A resource in a file that is replaced by a rename in its folder."""
    source = {"path": str(path), "watched_directory": {"path": str(path.parent)}}
    return {"resource_api_version": "V3", "path_config_source": source}


def certificate_secret(folder: Path) -> Plain:
    """The side's own certificate, as a secret of its own; the folder is watched, so renewals need no restart."""
    files = {
        "certificate_chain": {"filename": str(folder / CERTIFICATE)},
        "private_key": {"filename": str(folder / KEY)},
        "watched_directory": {"path": str(folder)},
    }
    return _resources(typed("extensions.transport_sockets.tls.v3.Secret", name="own", tls_certificate=files))


def authorities_secret(bundle: Path) -> Plain:
    context = {"trusted_ca": {"filename": str(bundle)}, "watched_directory": {"path": str(bundle.parent)}}
    return _resources(typed("extensions.transport_sockets.tls.v3.Secret", name="peers", validation_context=context))


def tls_context(own: Path, peers: Path, *, matcher: Mapping[str, str], protocols: tuple[str, ...]) -> Plain:
    """TLS 1.3 with both certificates; `matcher` says which URI the peer's certificate must name."""
    plain_file = {"resource_api_version": "V3"}
    return {
        "alpn_protocols": list(protocols),
        "tls_params": dict(_TLS_1_3),
        "tls_certificate_sds_secret_configs": [
            {"name": "own", "sds_config": {**plain_file, "path_config_source": {"path": str(own)}}},
        ],
        "combined_validation_context": {
            "default_validation_context": {
                "match_typed_subject_alt_names": [{"san_type": "URI", "matcher": dict(matcher)}],
            },
            "validation_context_sds_secret_config": {
                "name": "peers",
                "sds_config": {**plain_file, "path_config_source": {"path": str(peers)}},
            },
        },
    }


def http_options(protocol: str, *, idle: float, verify_server_name: bool = False) -> Plain:
    """How an upstream is spoken to; with `verify_server_name` its certificate must also name the host asked for."""
    settings: Plain = {"http_protocol_options": {}}
    if protocol == "http2":
        settings = {
            "http2_protocol_options": {"initial_stream_window_size": 4 << 20, "initial_connection_window_size": 8 << 20}
        }
    if verify_server_name:
        settings["http2_protocol_options"]["connection_keepalive"] = {"interval": "20s", "timeout": "10s"}
    name = "extensions.upstreams.http.v3.HttpProtocolOptions"
    options = typed(name, explicit_http_config=settings, common_http_protocol_options={"idle_timeout": seconds(idle)})
    if verify_server_name:
        options["upstream_http_protocol_options"] = {"auto_sni": True, "auto_san_validation": True}
    return {"envoy." + name: options}


def log(kind: str, fields: Mapping[str, str], /, **more: Any) -> Plain:
    """One JSON line on standard output per request or connection; fields without a value are left out."""
    shape = {"json_format": {"log": kind, "time": "%START_TIME%", **fields}, "omit_empty_values": True}
    stream = filter_of("stdout", "extensions.access_loggers.stream.v3.StdoutAccessLog", log_format=shape)
    return stream | more


def failures() -> list[Plain]:
    """Access-log filters: an error's code, or a flag that says what went wrong on the way."""
    failed = {"comparison": {"op": "GE", "value": {"default_value": 400, "runtime_key": "covey.log"}}}
    return [{"status_code_filter": failed}, {"response_flag_filter": {}}]


def bootstrap(node: str, listener: Plain, **more: Any) -> Plain:
    """`more` are further static resources (`clusters`) or the top level's `dynamic_resources`."""
    limit = typed(
        "extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
        max_active_downstream_connections=Limits().connections,
    )
    return {
        "node": {"id": node, "cluster": "covey"},
        "admin": {"address": {"pipe": {"path": ADMIN_SOCKET, "mode": 0o600}}},
        "application_log_config": {
            "log_format": {"json_format": {"log": "envoy", "time": "%Y-%m-%dT%T.%eZ", "level": "%l", "message": "%j"}},
        },
        "overload_manager": {
            "resource_monitors": [
                {"name": "envoy.resource_monitors.global_downstream_max_connections", "typed_config": limit}
            ],
        },
        "static_resources": {"listeners": [listener], "clusters": more.pop("clusters", [])},
        **more,
    }


def address(host: str, port: int) -> Plain:
    return {"socket_address": {"address": host, "port_value": port}}


def endpoints(cluster: str, where: Plain) -> Plain:
    return {"cluster_name": cluster, "endpoints": [{"lb_endpoints": [{"endpoint": {"address": where}}]}]}


def _resources(resource: Plain) -> Plain:
    return {"resources": [resource]}

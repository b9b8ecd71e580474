"""A SuperNode with the key that was registered and short heartbeats, which joins anew when a message may be lost."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from flwr.supercore import heartbeat
from flwr.supernode import fleet_http_connection
from flwr.supernode.cli.flower_supernode import flower_supernode
from flwr.supernode.fleet_http_client import FleetHttpClient

from covey_reports.reporting import report

HEARTBEAT = 10  # seconds, the least that Flower takes; a node counts as lost after two


_pull = FleetHttpClient.PullMessages
_NO_ANSWER = frozenset({502, 503, 504})  # of a proxy


def pull(client: FleetHttpClient, request: Any) -> Any:
    """A SuperLink gives a message away once: where the answer did not come, it may have been in it.

    Who joins anew is another node for the SuperLink, and what was sent to the one before is sent again.
    """
    try:
        return _pull(client, request)
    except (httpx.TransportError, httpx.HTTPStatusError) as error:
        if not isinstance(error, httpx.HTTPStatusError) or error.response.status_code in _NO_ANSWER:
            report("rejoin")
        raise


def main() -> None:
    """Takes KEY, LINK_PORT, OWN_PORT and NODE_CONFIGURATION."""
    key_file, link_port, own_port, node = sys.argv[1:]
    key = load_pem_private_key(Path(key_file).read_bytes(), None)
    # Flower takes a key of ours only over TLS; without TLS it makes one itself, just here. The proxies do TLS, and bind
    # the key to the certificate.
    fleet_http_connection.generate_key_pairs = lambda: (key, key.public_key())
    # What the SuperLink is told to expect, and what the SuperNode does.
    fleet_http_connection.HEARTBEAT_DEFAULT_INTERVAL = heartbeat.HEARTBEAT_DEFAULT_INTERVAL = HEARTBEAT
    FleetHttpClient.PullMessages = pull
    flags = ("--insecure", f"--superlink=127.0.0.1:{link_port}", "--host=127.0.0.1", f"--port={own_port}")
    sys.argv = ["flower-supernode", *flags, f"--node-config={node}"]
    flower_supernode()

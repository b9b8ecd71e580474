"""A SuperNode with the key that was registered and short heartbeats; else Flower's own."""

from __future__ import annotations

import sys
from pathlib import Path

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from flwr.supercore import heartbeat
from flwr.supernode import fleet_http_connection
from flwr.supernode.cli.flower_supernode import flower_supernode

HEARTBEAT = 10  # seconds, the least that Flower takes; a node counts as lost after two


def main() -> None:
    """Takes KEY, LINK_PORT, OWN_PORT and NODE_CONFIGURATION."""
    key_file, link_port, own_port, node = sys.argv[1:]
    key = load_pem_private_key(Path(key_file).read_bytes(), None)
    # Flower takes a key of ours only over TLS; without TLS it makes one itself, just here. The proxies do TLS, and bind
    # the key to the certificate.
    fleet_http_connection.generate_key_pairs = lambda: (key, key.public_key())
    # What the SuperLink is told to expect, and what the SuperNode does.
    fleet_http_connection.HEARTBEAT_DEFAULT_INTERVAL = heartbeat.HEARTBEAT_DEFAULT_INTERVAL = HEARTBEAT
    flags = ("--insecure", f"--superlink=127.0.0.1:{link_port}", "--host=127.0.0.1", f"--port={own_port}")
    sys.argv = ["flower-supernode", *flags, f"--node-config={node}"]
    flower_supernode()

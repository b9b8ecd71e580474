"""A SuperNode with the key that was registered, short heartbeats and short polls; else Flower's own."""

from __future__ import annotations

import hashlib
import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from flwr.cli.build import build_fab_from_disk
from flwr.supercore import heartbeat
from flwr.supernode import fleet_http_connection, start_client_internal
from flwr.supernode.cli.flower_supernode import flower_supernode

HEARTBEAT = 10  # seconds, the least that Flower takes; a node counts as lost after two
POLL = 0.2


def main(key_file: str, link_port: str, own_port: str, name: str) -> None:
    key = load_pem_private_key(Path(key_file).read_bytes(), None)
    # Flower takes a key of ours only over TLS; without TLS it makes one itself, just here. The proxies do TLS, and bind
    # the key to the certificate.
    fleet_http_connection.generate_key_pairs = lambda: (key, key.public_key())
    # What the SuperLink is told to expect, and what the SuperNode does.
    fleet_http_connection.HEARTBEAT_DEFAULT_INTERVAL = heartbeat.HEARTBEAT_DEFAULT_INTERVAL = HEARTBEAT
    start_client_internal.time = SimpleNamespace(sleep=lambda seconds: time.sleep(min(seconds, POLL)))
    os.environ["COVEY_FAB"] = hashlib.sha256(build_fab_from_disk(Path(os.environ["COVEY_APP"]))).hexdigest()
    sys.argv = [
        "flower-supernode",
        "--insecure",
        f"--superlink=127.0.0.1:{link_port}",
        "--host=127.0.0.1",
        f"--port={own_port}",
        f'--node-config=cluster-name="{name}"',
    ]
    flower_supernode()


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Starts the run in the SuperLink of this machine."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import sys
import time
from pathlib import Path
from typing import Any

from flwr.cli.build import build_fab_from_disk
from flwr.common.config import flatten_dict
from flwr.common.serde import fab_to_proto, user_config_to_proto
from flwr.proto.control_pb2 import ListRunsRequest, StartRunRequest
from flwr.supercore.control.control_http_client import ControlHttpClient
from flwr.supercore.fab import Fab

_POLL, _SHORT = 0.5, 0.05


def main() -> int:
    """Takes PORT and CONFIGURATION."""
    port, words = sys.argv[1:]
    app = Path(os.environ["COVEY_APP"])
    configuration = flatten_dict(json.loads(words))
    _await(int(port))
    client = ControlHttpClient.from_server_address(
        f"127.0.0.1:{port}", insecure=True, root_certificates=None, interceptors=[]
    )
    content = build_fab_from_disk(app)
    fab = Fab(hashlib.sha256(content).hexdigest(), content, {})
    answer = client.StartRun(
        StartRunRequest(fab=fab_to_proto(fab), override_config=user_config_to_proto(configuration))
    )
    return _wait(client, answer.run_id) if os.environ.get("COVEY_WAIT") else 0


def _await(port: int) -> None:
    """For the SuperLink; who started both sees to it that it comes, or ends this process."""
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(_SHORT)
        else:
            return


def _wait(client: Any, run_id: int) -> int:
    """Where nobody sees the ServerApp's process end."""
    while True:
        status = client.ListRuns(ListRunsRequest(run_id=run_id)).run_dict[run_id].status
        if status.status == "finished":
            sys.stderr.write(f"{status.sub_status}: {status.details}\n")
            return 0 if status.sub_status == "completed" else 1
        time.sleep(_POLL)

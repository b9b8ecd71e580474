"""Signs of life from a process of its own: a task may hold Python's lock for minutes, and the collaborator is not lost.

Its words: the aggregator's address, this collaborator's name, the aggregator's and the federation's, and the
process whose life it shows.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import grpc
from openfl.protocols import aggregator_pb2, aggregator_pb2_grpc

from covey_openfl.presence import BEAT

if TYPE_CHECKING:
    from covey_openfl.client import Client

_AGAIN = 0.3
_DEADLINE = 5.0


def start(one: Client) -> None:
    words = (one.uri, one.collaborator_name, one.aggregator_uuid, one.federation_uuid, str(os.getpid()))
    subprocess.Popen((sys.executable, "-P", "-m", "covey_openfl.beat", *words))  # noqa: S603 - our own words, no shell


def main(address: str, name: str, aggregator: str, federation: str, parent: str) -> None:
    """As long as the collaborator's process lives; it may have died while this one imported."""
    header = aggregator_pb2.MessageHeader(sender=name, receiver=aggregator, federation_uuid=federation)
    request = aggregator_pb2.PingRequest(header=header)
    options = (("grpc.initial_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 1000))
    stub = aggregator_pb2_grpc.AggregatorStub(grpc.insecure_channel(address, options=options))
    heard = 0.0
    while os.getppid() == int(parent):
        if time.monotonic() > heard + BEAT:
            try:
                stub.Ping(request, timeout=_DEADLINE)
                heard = time.monotonic()
            except grpc.RpcError:
                pass  # not there, or not yet letting us in
        time.sleep(_AGAIN)


if __name__ == "__main__":
    main(*sys.argv[1:])

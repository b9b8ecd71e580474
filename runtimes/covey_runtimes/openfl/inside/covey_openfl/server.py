"""OpenFL's gRPC service on loopback, which believes the proxy and no message's header about who sends."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import grpc
from openfl.protocols import aggregator_pb2_grpc
from openfl.transport import AggregatorGRPCServer
from openfl.transport.grpc.common import DEFAULT_CHANNEL_OPTIONS

from covey_openfl.identity import sender
from covey_reports.reporting import report

if TYPE_CHECKING:
    from openfl.federated import Plan

    from covey_openfl.presence import Presence

_WORKERS = 64  # more than OpenFL's 8: slow uploads must not keep signs of life waiting
_KNOWN_REFUSALS = 1000


class Waiting:
    """Stands where the aggregator will stand, as long as too few are here: there is nothing to do for anybody."""

    connector = None
    single_col_cert_common_name = ""

    def __init__(self, plan: Plan) -> None:
        self.uuid, self.federation_uuid = plan.aggregator_uuid, plan.federation_uuid

    def get_tasks(self, _: str) -> tuple[None, int, int, bool]:
        return None, 0, 0, False


class Server(AggregatorGRPCServer):
    """`aggregator` is Waiting at first."""

    def __init__(self, plan: Plan, presence: Presence) -> None:
        super().__init__(Waiting(plan), agg_port=0, use_tls=False)
        self._presence = presence
        self._refused: set[tuple[str, str]] = set()
        self._grpc: Any = None

    def open(self, port: int) -> None:
        """Raises OSError where the port is in use."""
        options = [*DEFAULT_CHANNEL_OPTIONS, ("grpc.so_reuseport", 0)]
        self._grpc = grpc.server(ThreadPoolExecutor(max_workers=_WORKERS), options=options)
        aggregator_pb2_grpc.add_AggregatorServicer_to_server(self, self._grpc)
        try:
            bound = self._grpc.add_insecure_port(f"127.0.0.1:{port}")
        except RuntimeError:
            bound = 0
        if not bound:
            raise OSError(f"port {port} is in use")
        self._grpc.start()

    def close(self) -> None:
        self._grpc.stop(0.2).wait()

    def validate_collaborator(self, request: Any, context: Any) -> None:
        """Called by OpenFL for every request once it is decoded, also for streamed ones."""
        name, claimed = sender(context.invocation_metadata()), request.header.sender
        if not name or name != claimed:
            self._tell(name, claimed, type(request).__name__)
            context.abort(grpc.StatusCode.PERMISSION_DENIED, f"The certificate is not {claimed}'s.")
        if name not in self._presence.registered:
            context.abort(grpc.StatusCode.PERMISSION_DENIED, f"{name} is not registered in this epoch.")
        if request.header.receiver != self.aggregator.uuid:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, f"The plan is {self.aggregator.uuid}.")
        if request.header.federation_uuid != self.aggregator.federation_uuid:
            context.abort(grpc.StatusCode.UNAVAILABLE, "This is another epoch.")
        self._presence.hear(name)

    def check_request(self, request: Any) -> None:
        """All is checked above; OpenFL's own roster does not know who comes late."""

    def _tell(self, name: str, claimed: str, what: str) -> None:
        shown = "".join(char if char.isprintable() else "?" for char in claimed)[:64]
        said = f"Refused a {what} of {name or 'somebody without a certificate'} that claims to come from {shown!r}."
        sys.stderr.write(said + "\n")
        if (name, claimed) not in self._refused and len(self._refused) < _KNOWN_REFUSALS:
            self._refused.add((name, claimed))
            report("error", message=said)

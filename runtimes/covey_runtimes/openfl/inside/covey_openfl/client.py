"""OpenFL's gRPC client with short waits, which knows refusals that no waiting will cure, and gives signs of life."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import grpc
from openfl.protocols import aggregator_pb2, aggregator_pb2_grpc
from openfl.transport import AggregatorGRPCClient
from openfl.transport.grpc.common import create_header, create_insecure_channel

from covey_openfl.presence import BEAT

if TYPE_CHECKING:
    from collections.abc import Callable

    from openfl.federated import Plan

_POLL = 0.1
_AGAIN = 0.2
_REFUSED = 1.0
_DEADLINE = 5.0


class OtherPlanError(Exception):
    """The message is one sentence."""


class Client(AggregatorGRPCClient):
    def get_tasks(self) -> Any:
        """OpenFL would sleep ten seconds where there is nothing to do yet."""
        while True:
            answer = self._patiently(super().get_tasks)
            if answer[0] or answer[3]:
                return answer
            time.sleep(_POLL)

    def get_aggregated_tensor(self, *arguments: Any, **options: Any) -> Any:
        return self._patiently(super().get_aggregated_tensor, *arguments, **options)

    def send_local_task_results(self, *arguments: Any, **options: Any) -> Any:
        return self._patiently(super().send_local_task_results, *arguments, **options)

    def _patiently(self, call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        while True:
            try:
                return call(*arguments, **options)
            except grpc.RpcError as error:
                code = error.code()
                if code == grpc.StatusCode.FAILED_PRECONDITION:
                    said = f"The aggregator's plan is another one ({self.aggregator_uuid} is this collaborator's)"
                    raise OtherPlanError(f"{said}: the apps or their configurations differ.") from error
                time.sleep(_REFUSED if code == grpc.StatusCode.PERMISSION_DENIED else _AGAIN)
                self.reconnect()


def client(plan: Plan, name: str) -> Client:
    words = plan.get_client_args(name, "none", "none", "none")  # TLS is the proxies'
    return Client(**words, resend_data_on_reconnection=False)


def beat(one: Client) -> None:
    """For ever, in a thread and on a connection of its own: a task may take hours."""
    channel = create_insecure_channel(one.uri)
    stub = aggregator_pb2_grpc.AggregatorStub(channel)
    header = create_header(one.collaborator_name, one.aggregator_uuid, one.federation_uuid, "")

    def work() -> None:
        while True:
            try:
                stub.Ping(aggregator_pb2.PingRequest(header=header), timeout=_DEADLINE)
            except grpc.RpcError:
                time.sleep(_AGAIN)
                continue
            time.sleep(BEAT)

    threading.Thread(target=work, daemon=True).start()

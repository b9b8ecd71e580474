"""OpenFL's gRPC client with short waits, which knows refusals that no waiting will cure."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import grpc
from openfl.transport import AggregatorGRPCClient

if TYPE_CHECKING:
    from collections.abc import Callable

    from openfl.federated import Plan

_POLL = 0.1
_AGAIN = 0.2
_REFUSED = 1.0


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

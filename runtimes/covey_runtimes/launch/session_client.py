"""The launcher's end of the session: short questions to a loopback port, which may not answer yet."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING

from covey_core.launch import session

if TYPE_CHECKING:
    from covey_core.launch.session import Epoch, Registration

_TIMEOUT = 2.0
_OK = 200


class SessionClient:
    """Every method says False or None where nobody answers; asking again later is the caller's part."""

    def __init__(self, port: int) -> None:
        self._port = port

    def open(self, epoch: Epoch) -> bool:
        """The aggregator's word that a new epoch has begun."""
        return self._ask("PUT", session.PATH, session.encode_epoch(epoch)) is not None

    def members(self) -> dict[str, str] | None:
        """Who has registered in this epoch, and the public key of each."""
        answer = self._ask("GET", session.MEMBERS)
        try:
            value = json.loads(answer) if answer is not None else None
        except ValueError:
            return None
        return {str(name): str(key) for name, key in value.items()} if isinstance(value, dict) else None

    def epoch(self) -> Epoch | None:
        answer = self._ask("GET", session.PATH)
        return session.decode_epoch(answer) if answer is not None else None

    def register(self, registration: Registration) -> bool:
        return self._ask("POST", session.PATH, session.encode_registration(registration)) is not None

    def _ask(self, method: str, path: str, body: bytes = b"") -> bytes | None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_TIMEOUT)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            data = answer.read(session.MAX_BODY)
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
        return data if answer.status == _OK else None

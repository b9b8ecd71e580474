"""The launchers' side of the session: two tiny clients over loopback."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from covey_transport.proxy.parts import SESSION_PATH

_ANSWER_SECONDS = 3  # on top of what the caller is willing to wait for news; a launcher told to stop waits for it


class SessionError(Exception):
    """Not now: the proxy, the aggregator or the admission is not there yet. Try again."""


class NewEpochError(SessionError):
    """The aggregator has started again: ask for the epoch, restart the runtime, register anew."""


class KeyRefusedError(Exception):
    """The key itself is refused; another try with it can't help."""


@dataclass(frozen=True, slots=True)
class Members:
    """Who has registered: a key for each cluster."""

    epoch: str | None
    version: int
    keys: dict[str, str]


class AggregatorSession:
    """For the aggregator's launcher; `port` is `ports.session` of its start data."""

    def __init__(self, port: int) -> None:
        self._port = port

    def open(self, epoch: str) -> int:
        """Begins an epoch; the version that it has. The same epoch again changes nothing."""
        version: int = _ask(self._port, "PUT", SESSION_PATH, {"epoch": epoch})["version"]
        return version

    def members(self, version: int = 0, *, wait: int = 0) -> Members:
        """At once if the session is not at `version`, else after a change or `wait` seconds."""
        path = f"{SESSION_PATH}?{urlencode({'version': version, 'wait': wait})}"
        data = _ask(self._port, "GET", path, None, wait=wait)
        return Members(data["epoch"], data["version"], data["keys"])


class CollaboratorSession:
    """For a collaborator's launcher; `port` is `ports.proxy` of its start data."""

    def __init__(self, port: int) -> None:
        self._port = port

    def epoch(self, after: str | None = None, *, wait: int = 0) -> str:
        """At once if the epoch is not `after`, else after a new one or `wait` seconds."""
        query = {"wait": wait} | ({"after": after} if after is not None else {})
        epoch: str = _ask(self._port, "GET", f"{SESSION_PATH}?{urlencode(query)}", None, wait=wait)["epoch"]
        return epoch

    def register(self, epoch: str, key: str) -> None:
        """Binds `key` to this cluster's certificate for the epoch; it replaces the cluster's key before it."""
        _ask(self._port, "POST", SESSION_PATH, {"epoch": epoch, "key": key})


def _ask(port: int, method: str, path: str, data: dict[str, str] | None, *, wait: float = 0) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=wait + _ANSWER_SECONDS)
    try:
        connection.request(method, path, json.dumps(data) if data is not None else None)
        answer = connection.getresponse()
        text = answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise SessionError(f"The session does not answer: {error}") from error
    finally:
        connection.close()
    return _checked(answer.status, text)


def _checked(status: int, text: bytes) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except ValueError:
        data = {}
    if status == http.client.OK and isinstance(data, dict):
        return data
    message = str(data.get("message")) if isinstance(data, dict) and "message" in data else f"HTTP {status}"
    if isinstance(data, dict) and data.get("why") == "other-epoch":
        raise NewEpochError(message)
    if isinstance(data, dict) and data.get("why") in {"bad-key", "key-taken", "bad-request"}:
        raise KeyRefusedError(message)
    raise SessionError(message)

"""Each place inside Flower 1.41 that Covey rests on, and what it puts there.

`python -m covey_flower.internals` names the places that have moved. Where one that is needed has, the side ends with
that word; where one has that only makes it fast, or in another version, Flower's processes are started its own, slow
way (`stock.py`).
"""

from __future__ import annotations

import importlib
import logging
import sys
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from covey_flower.bells import Bell

VERSION = "1.41."
_INFLATABLE = "flwr.supercore.inflatable.inflatable_utils"
_LINK, _NODE = "flwr.superlink.cli.flower_superlink", "flwr.supernode.start_client_internal"
_EXECUTOR = "flwr.supercore.superexec.executor.subprocess_executor"
_SUPEREXEC = "flwr.supercore.superexec.run_superexec"
_CLIENT, _CONNECTION = "flwr.supernode.runtime.run_clientapp", "flwr.supernode.fleet_http_connection"
_PACKING, _STRATEGY = "flwr.cli.build:build_fab_from_disk", "flwr.serverapp.strategy"
# By side. Where the key, the app and the strategy come in: without these nothing runs.
NEEDED = {
    "aggregator": (
        _PACKING,
        "flwr.supercore.control.control_http_client:ControlHttpClient.from_server_address",
        "flwr.superlink.runtime.run_serverapp:run_",
        "flwr.serverapp.server_app:start_grid",
        "flwr.server.server:Server.fit",
        f"{_STRATEGY}:Strategy.start",
        f"{_STRATEGY}:DifferentialPrivacyServerSideFixedClipping._add_noise_to_aggregated_arrays",
    ),
    "collaborator": (
        _PACKING,
        f"{_CONNECTION}:generate_key_pairs",
        f"{_CONNECTION}:HEARTBEAT_DEFAULT_INTERVAL",
        "flwr.supernode.fleet_http_client:FleetHttpClient.PullMessages",
        "flwr.supercore.heartbeat:HEARTBEAT_DEFAULT_INTERVAL",
        f"{_CLIENT}:run_clientapp",
        f"{_CLIENT}:install_from_fab",
        f"{_CLIENT}:get_load_client_app_fn",
        "flwr.clientapp:ClientApp.__call__",
    ),
}
# What only makes it fast.
_BOTH = (
    "flwr.supercore.cli.flower_superexec:flower_superexec",
    f"{_SUPEREXEC}:time",
    f"{_EXECUTOR}:subprocess",
    f"{_INFLATABLE}:pull_objects.__kwdefaults__.initial_backoff",
    f"{_INFLATABLE}:pull_and_inflate_object_from_tree.__kwdefaults__.initial_backoff",
)
FAST = {
    "aggregator": (
        *_BOTH,
        f"{_LINK}:flower_superlink",
        f"{_LINK}:subprocess",
        "flwr.superlink.main:create_app",
        "flwr.superlink.cli.flwr_serverapp:flwr_serverapp",
        "flwr.supercore.logger:time",
    ),
    "collaborator": (
        *_BOTH,
        "flwr.supernode.cli.flower_supernode:flower_supernode",
        "flwr.supernode.main:create_app",
        f"{_NODE}:subprocess",
        f"{_NODE}:time",
        f"{_NODE}:_pull_and_store_message",
        f"{_CLIENT}:push_message",
    ),
}
_BACK_OFF = 0.1  # seconds; Flower's 1 s is for polls that are seconds apart


def moved(places: Iterable[str]) -> list[str]:
    return [place for place in places if not _there(place)]


def launch_by(ask: Callable[[list[str]], object]) -> None:
    """SuperExec and the apps are asked for, where Flower would start programs."""

    def popen(argv: list[str], **_: Any) -> SimpleNamespace:
        ask(argv)
        return SimpleNamespace(terminate=lambda: None, wait=lambda **_: 0)  # the parent ends it

    for name in (_LINK, _NODE, _EXECUTOR):
        stand_in = SimpleNamespace(Popen=popen, DEVNULL=-3, TimeoutExpired=TimeoutError)
        if module := sys.modules.get(name):
            vars(module)["subprocess"] = stand_in


def hurry(role: str, *, task: Bell, reply: Bell) -> None:
    """Waits end when there is something to do; `task`: a SuperExec has one; `reply`: something was pushed."""
    for name in ("pull_objects", "pull_and_inflate_object_from_tree"):
        getattr(importlib.import_module(_INFLATABLE), name).__kwdefaults__["initial_backoff"] = _BACK_OFF
    if role == "flower-superexec":
        _sleep(_SUPEREXEC, lambda _: task.wait(1))
    if role == "flower-supernode":
        _after(_NODE, "_pull_and_store_message", lambda run: task.ring() if run is not None else None)
        _sleep(_NODE, lambda seconds: reply.wait(seconds) if seconds < 1 else time.sleep(0.2))
    if role == "flwr-clientapp":
        _after(_CLIENT, "push_message", lambda _: reply.ring())
    if role == "flwr-serverapp":
        _sleep("flwr.supercore.logger", lambda seconds: time.sleep(min(seconds, 0.1)))
        importlib.import_module("covey_flower.grid").pause = lambda: _batch(reply)  # type: ignore[attr-defined]
    if role == "flower-superlink":
        _after_requests("flwr.superlink.main", "/v1/fleet/push-", reply)
    if role == "submit":
        _after("covey_flower.submit", "main", lambda _: task.ring())


def _batch(bell: Bell) -> None:
    """A message comes in parts, and soon after one node's comes the next one's."""
    bell.wait(1)
    time.sleep(0.03)


def _after_requests(module: str, path: str, bell: Bell) -> None:
    """Rings once a request for such a path is answered; and tells the log of none of the thousands that go well."""
    logging.getLogger("uvicorn.access").addFilter(lambda record: record.levelno > logging.INFO)
    names = vars(importlib.import_module(module))
    create = names["create_app"]

    def created(*arguments: Any, **options: Any) -> Any:
        app = create(*arguments, **options)

        async def ringing(scope: Any, receive: Any, send: Any) -> None:
            await app(scope, receive, send)
            if scope.get("path", "").startswith(path):
                bell.ring()

        return ringing

    names["create_app"] = created


def _sleep(module: str, sleep: Callable[[float], None]) -> None:
    stand_in = SimpleNamespace(sleep=sleep, monotonic=time.monotonic, time=time.time)
    vars(importlib.import_module(module))["time"] = stand_in


def _after(module: str, name: str, then: Callable[[Any], None]) -> None:
    names = vars(importlib.import_module(module))
    original = names[name]

    def wrapped(*arguments: Any, **options: Any) -> Any:
        result = original(*arguments, **options)
        then(result)
        return result

    names[name] = wrapped


def _there(place: str) -> bool:
    module, _, path = place.partition(":")
    try:
        found: Any = importlib.import_module(module)
        for name in path.split("."):
            found = found[name] if isinstance(found, dict) else getattr(found, name)
    except (ImportError, AttributeError, KeyError):
        return False
    return True


if __name__ == "__main__":
    every = {place for table in (NEEDED, FAST) for places in table.values() for place in places}
    gone = moved(sorted(every))
    sys.stdout.write("".join(f"{place} is gone\n" for place in gone))
    sys.exit(bool(gone))

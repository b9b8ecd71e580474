"""Flower without Covey, as its documentation starts it: SuperLink, SuperNodes, `flwr run`; no TLS, on loopback."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from stack import Stack
from trainings import Training, environment

from federations import free_port

if TYPE_CHECKING:
    from pathlib import Path

    from trainings import Setting

NOTE = "no TLS, on loopback; subprocess isolation, telemetry and update check off, compiled bytecode"
_FINISHED = r"Finished task \d+ of run (\d+)"


def train(setting: Setting, folder: Path) -> Training:
    env = environment("flower", setting.app) | {
        "FLWR_HOME": str(folder / "flwr"),
        "FLWR_TELEMETRY_ENABLED": "0",
        "FLWR_DISABLE_UPDATE_CHECK": "1",
    }
    port = free_port()
    (folder / "flwr").mkdir()
    config = f'[superlink]\ndefault = "here"\n[superlink.here]\naddress = "127.0.0.1:{port}"\ninsecure = true\n'
    (folder / "flwr/config.toml").write_text(config)
    began = time.time()
    with Stack(folder / "log.txt") as stack:
        _start(stack, setting, folder, env=env, port=port)
        stack.wait("SuperNode ID: ", count=setting.nodes)
        rounds = f"num-server-rounds={setting.rounds}"
        stack.start("flwr", "run", str(setting.app), "here", "-c", rounds, cwd=folder, env=env)
        trained = stack.wait(_FINISHED, seconds=setting.seconds)[0]
        replies = stack.times("PushMessages. Push replies")
        _check(stack, setting, folder, env)
    # The SuperLink says nothing of rounds, but when each reply came: the last of a round is its mark.
    return Training(
        began, trained, tuple(replies[len(replies) // setting.rounds - 1 :: len(replies) // setting.rounds])
    )


def _start(stack: Stack, setting: Setting, folder: Path, *, env: dict[str, str], port: int) -> None:
    link = ("--insecure", "--host", "127.0.0.1", "--port", str(port), "--disable-runtime-dependency-installation")
    stack.start("flower-superlink", *link, cwd=folder, env=env)
    for number, data in enumerate(setting.data.values()):
        own = ("--insecure", "--superlink", f"127.0.0.1:{port}", "--port", str(free_port()))
        node = ("--node-config", f"partition-id={number} num-partitions={setting.nodes}")
        stack.start("flower-supernode", *own, *node, cwd=folder, env=env | {"COVEY_DATA": str(data)})


def _check(stack: Stack, setting: Setting, folder: Path, env: dict[str, str]) -> None:
    """The app's own output, which Flower keeps."""
    run = stack.found(_FINISHED).group(1)
    stack.start("flwr", "log", run, "here", "--show", cwd=folder, env=env).wait(120)
    whole = f"aggregate_train: Received {setting.nodes} results and 0 failures"
    stack.wait(whole, count=setting.rounds, seconds=5)
    if len(stack.times(whole)) != setting.rounds:
        raise RuntimeError(f"Flower did more than {setting.rounds} rounds; the log is {stack.log}.")

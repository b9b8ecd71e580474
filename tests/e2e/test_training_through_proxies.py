"""The launchers and a small runtime, trained through both real proxies with keys bound to certificates."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from covey_core.manifests import canonical_json
from covey_transport.proxy.rules import Route, Rules
from federations import TINY
from proxies import Stage, free_port, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

RULES = Rules((Route("/tiny/work", ("GET",)), Route("/tiny/update", ("POST",))), "http1", 3, "x-tiny-key")


class Training:
    """A stage with a launcher beside each proxy."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.launchers: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        root = self.stage.folder / name
        self._complete(root, name)
        side = "aggregator" if name == "aggregator" else "collaborator"
        with (root / "launcher.log").open("ab") as log:
            self.launchers[name] = subprocess.Popen(
                [sys.executable, "-m", f"covey_{side}", "--root", root],
                env={**os.environ, "PYTHONPATH": str(TINY)},
                stdout=log,
                stderr=log,
            )

    def kill(self, name: str) -> None:
        os.killpg(self.launchers[name].pid, signal.SIGKILL)
        self.launchers[name].wait(10)

    def rounds(self) -> int:
        path = self.stage.folder / "aggregator/state/runs/1/events.jsonl"
        return path.read_text().count('"type":"round"') if path.exists() else 0

    def close(self) -> None:
        for launcher in self.launchers.values():
            if launcher.poll() is None:
                os.killpg(launcher.pid, signal.SIGKILL)
                launcher.wait(10)
        self.stage.close()

    def _complete(self, root, name: str) -> None:
        """What the proxy does not read of the start data, and the launcher's folders."""
        start = json.loads((root / "start.json").read_text())
        start["run"]["uid"] = "0d6c1f8a"
        start |= {"self": name, "runtime": "tiny", "rounds": 15, "minimum": 2, "configuration": {"pause": 0.05}}
        start |= {"timeouts": {"waiting": 60, "round": 60, "run": 600}}
        (root / "start.json").write_bytes(canonical_json(start))
        for part in ("state", "tmp", "data"):
            (root / part).mkdir(exist_ok=True)
        shutil.copytree(TINY / "app", root / "app", dirs_exist_ok=True)
        (root / "data/train.npz").write_bytes(_data())


def _data() -> bytes:
    order = np.random.default_rng(3)
    file = io.BytesIO()
    np.savez(file, x=order.random((50, 64), dtype="float32"), y=order.integers(0, 10, 50))
    return file.getvalue()


@pytest.fixture
def training(tmp_path) -> Iterator[Training]:
    stage = Stage(tmp_path, rules=RULES)
    stage.runtime.port = free_port()
    (tmp_path / "aggregator").mkdir()
    stage.roster("site-1", "site-2")
    stage.aggregator()
    for name in ("site-1", "site-2"):
        stage.collaborator(name)
    training = Training(stage)
    yield training
    training.close()


def test_a_run_completes(training) -> None:
    for name in ("aggregator", "site-1", "site-2"):
        training.start(name)
    assert training.launchers["aggregator"].wait(60) == 0
    training.stage.proxies[0].told(log="session", what="registered", who="cluster/site-2")
    assert training.rounds() == 15


def test_a_run_goes_on_after_the_aggregators_proxy_was_killed(training) -> None:
    for name in ("aggregator", "site-1", "site-2"):
        training.start(name)
    wait_for(lambda: training.rounds() >= 3, seconds=40)
    proxy = training.stage.proxies[0]
    proxy.stop(signal.SIGKILL)
    (proxy.root / "log.jsonl").unlink()
    proxy.start()
    assert training.launchers["aggregator"].wait(60) == 0
    assert training.rounds() == 15


def test_a_collaborator_off_the_roster_waits_and_joins_when_it_is_added(training) -> None:
    training.stage.roster("site-1")
    for name in ("aggregator", "site-1", "site-2"):
        training.start(name)
    training.stage.proxies[0].told(log="request", code=403, why="[not-on-roster]", who="cluster/site-2")
    assert training.rounds() == 0
    training.stage.roster("site-1", "site-2")
    assert training.launchers["aggregator"].wait(60) == 0
    assert training.rounds() == 15

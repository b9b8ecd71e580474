"""Flower, trained through both real proxies: keys bound to certificates, and the long poll that Envoy does."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.datasets import load_digits

from covey_core.launch.exits import LaunchError
from covey_core.manifests import canonical_json
from covey_runtimes import environments
from covey_runtimes.flower import RUNTIME
from covey_runtimes.launch.event_log import read
from covey_transport.proxy.rules import parse_rules
from program import unmeasured
from proxies import Stage, free_port, wait_for
from proxy_clients import through

if TYPE_CHECKING:
    from collections.abc import Iterator

APP = Path(__file__).parents[1] / "contract/adapters/flower_app"
SITES = ("site-1", "site-2")
HEADER = "flwr-public-key"
pytestmark = pytest.mark.runtime_flower


class Training:
    """A stage with a launcher beside each proxy; each site has half of the classes."""

    def __init__(self, folder: Path, *, rounds: int = 3) -> None:
        self.wanted = rounds
        self.stage = Stage(folder, rules=parse_rules(RUNTIME.proxy, "proxy"))
        self.stage.runtime.port = free_port()  # the stage's own runtime is not asked
        (folder / "aggregator").mkdir()
        self.stage.roster(*SITES)
        self.stage.aggregator()
        self.ports = {name: self.stage.collaborator(name)[1] for name in SITES}
        self.launchers: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        for name in ("aggregator", *SITES):
            root = self.stage.folder / name
            self._complete(root, name)
            self.launch(name)

    def launch(self, name: str) -> None:
        side = "aggregator" if name == "aggregator" else "collaborator"
        root = self.stage.folder / name
        words = [sys.executable, "-m", f"covey_{side}", "--root", root]
        with (root / "launcher.log").open("ab") as log:
            self.launchers[name] = subprocess.Popen(words, env=unmeasured(os.environ), stdout=log, stderr=log)

    def rounds(self) -> list[int]:
        path = self.stage.folder / "aggregator/state/runs/1/events.jsonl"
        return [event.fields["round"] for event in read(path) if event.type == "round"] if path.exists() else []

    def said(self) -> str:
        return "".join((self.stage.folder / name / "launcher.log").read_text() for name in self.launchers)

    def close(self) -> None:
        for launcher in self.launchers.values():
            if launcher.poll() is None:
                os.killpg(launcher.pid, signal.SIGKILL)
                launcher.wait(10)
        self.stage.close()

    def _complete(self, root: Path, name: str) -> None:
        """What the proxy does not read of the start data, and the launcher's folders."""
        start = json.loads((root / "start.json").read_text())
        start["run"]["uid"] = "0d6c1f8a"
        if name != "aggregator":
            start["ports"]["runtime"] = free_port()
        start |= {
            "self": name,
            "runtime": "flower",
            "rounds": self.wanted,
            "minimum": 2,
            "configuration": {"pause": 0.2},
        }
        start |= {"timeouts": {"waiting": 120, "round": 120, "run": 600}}
        (root / "start.json").write_bytes(canonical_json(start))
        for part in ("state", "tmp", "data"):
            (root / part).mkdir(exist_ok=True)
        shutil.copytree(APP, root / "app", ignore=shutil.ignore_patterns("__pycache__"))
        (root / "data/train.npz").write_bytes(_digits(low=name == "site-1"))


@pytest.fixture(scope="module", autouse=True)
def _environment() -> None:
    try:
        environments.python("flower")
    except LaunchError:
        pytest.skip("the environment of flower is not made: run `make runtimes`")


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> Iterator[SimpleNamespace]:
    """A run that has ended, and what was seen of it while it trained."""
    training = Training(tmp_path_factory.mktemp("flower"))
    try:
        training.start()
        wait_for(lambda: training.rounds() or training.launchers["aggregator"].poll(), seconds=120)
        assert training.rounds(), training.said()
        stolen = through(training.ports["site-2"], "/v1/fleet/push-messages", **{HEADER: _key(training, "site-1")})
        control = through(training.ports["site-1"], "/v1/control/list-runs", **{HEADER: _key(training, "site-1")})
        seen = {"stolen": stolen[0], "control": control[0], "asked_again": _retries(training.stage.folder / "site-1")}
        codes = {name: launcher.wait(120) for name, launcher in training.launchers.items()}
        yield SimpleNamespace(training=training, codes=codes, **seen)
    finally:
        training.close()


def test_a_run_completes_with_a_model_that_knows_what_no_site_could_teach_alone(done) -> None:
    assert done.codes == {"aggregator": 0, "site-1": 0, "site-2": 0}, done.training.said()
    assert done.training.rounds() == [1, 2, 3]
    with np.load(done.training.stage.folder / "aggregator/state/runs/1/model/arrays.npz") as file:
        w, b = (file[name] for name in file.files)
    x, y = load_digits(return_X_y=True)
    held_out = x[:400] / 16
    assert ((held_out @ w + b).argmax(axis=1) == y[:400]).mean() > 0.85


def test_a_key_of_another_is_refused(done) -> None:
    assert done.stolen == 503
    done.training.stage.proxies[0].told(log="request", code=403, why="[key-of-another]", who="cluster/site-2")


def test_nobody_reaches_the_control_api_from_a_collaborator(done) -> None:
    assert done.control in {403, 404}


def test_the_proxy_asks_again_in_place_of_flower(done) -> None:
    assert done.asked_again > 0


def test_a_run_goes_on_after_both_the_aggregator_and_its_proxy_were_killed(tmp_path) -> None:
    training = Training(tmp_path, rounds=4)
    try:
        training.start()
        wait_for(lambda: 2 in training.rounds(), seconds=120)
        os.killpg(training.launchers["aggregator"].pid, signal.SIGKILL)
        training.launchers["aggregator"].wait(10)
        proxy = training.stage.proxies[0]
        proxy.stop(signal.SIGKILL)
        (proxy.root / "log.jsonl").unlink()
        proxy.start()
        training.launch("aggregator")
        codes = [launcher.wait(120) for launcher in training.launchers.values()]
        assert codes == [0, 0, 0], training.said()
        assert training.rounds() == [1, 2, 3, 4]
    finally:
        training.close()


def _digits(*, low: bool) -> bytes:
    x, y = load_digits(return_X_y=True)
    train = np.arange(len(y)) >= 400
    part = train & ((y < 6) if low else (y >= 6))
    file = io.BytesIO()
    np.savez(file, x=(x[part] / 16).astype("float32"), y=y[part])
    return file.getvalue()


def _key(training: Training, name: str) -> str:
    return json.loads((training.stage.folder / "aggregator/tmp/" / _members(training)).read_text())[name]


def _members(training: Training) -> str:
    (found,) = (training.stage.folder / "aggregator/tmp").glob("members-*.json")
    return found.name


def _retries(root: Path) -> int:
    """How often that side's Envoy has asked again."""
    with socket.socket(socket.AF_UNIX) as admin:
        admin.connect(str(root / "proxy/admin.sock"))
        connection = HTTPConnection("envoy")
        connection.sock = admin
        connection.request("GET", "/stats?filter=upstream_rq_retry$")
        text = connection.getresponse().read().decode()
    return sum(int(line.rpartition(": ")[2]) for line in text.splitlines())

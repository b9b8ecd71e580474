"""OpenFL, trained through both real proxies: senders bound to certificates, and kills on the way."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.datasets import load_digits

from covey_core.launch.exits import LaunchError
from covey_core.manifests import canonical_json
from covey_runtimes import environments
from covey_runtimes.launch.event_log import read
from covey_runtimes.openfl import RUNTIME
from covey_transport.proxy.rules import parse_rules
from program import unmeasured
from proxies import Stage, free_port, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

ADAPTERS = Path(__file__).parents[1] / "contract/adapters"
SITES = ("site-1", "site-2")
ROUNDS = 20
pytestmark = pytest.mark.runtime_openfl


class Training:
    """A stage with a launcher beside each proxy; each site has half of the classes."""

    def __init__(self, folder: Path) -> None:
        self.stage = Stage(folder, rules=parse_rules(RUNTIME.proxy, "proxy"))
        self.stage.runtime.port = free_port()  # the stage's own runtime is not asked
        (folder / "aggregator").mkdir()
        self.stage.roster(*SITES)
        self.stage.aggregator()
        self.ports = {name: self.stage.collaborator(name)[1] for name in SITES}
        self.launchers: dict[str, subprocess.Popen[bytes]] = {}
        for name in ("aggregator", *SITES):
            self._complete(folder / name, name)

    def start(self, *names: str) -> None:
        for name in names:
            root = self.stage.folder / name
            side = "aggregator" if name == "aggregator" else "collaborator"
            with (root / "launcher.log").open("ab") as log:
                words = [sys.executable, "-m", f"covey_{side}", "--root", root]
                self.launchers[name] = subprocess.Popen(words, env=unmeasured(os.environ), stdout=log, stderr=log)

    def kill(self, name: str) -> None:
        os.killpg(self.launchers[name].pid, signal.SIGKILL)
        self.launchers[name].wait(10)

    def events(self, kind: str) -> list:
        path = self.stage.folder / "aggregator/state/runs/1/events.jsonl"
        return [event for event in read(path) if event.type == kind] if path.exists() else []

    def until_round(self, number: int) -> None:
        wait_for(lambda: len(self.events("round")) >= number or self._over(), seconds=150, why=f"round {number}")
        assert not self._over(), self.said()

    def forge(self, claimed: str, *, site: str) -> dict[str, str]:
        """What the aggregator says to requests of that site with the other's name."""
        plan = self.stage.folder / site / "tmp/workspace/plan/plan.yaml"
        epoch = self.events("session")[-1].fields["epoch"]
        words = [
            environments.python("openfl"),
            ADAPTERS / "forged_openfl.py",
            plan,
            str(self.ports[site]),
            claimed,
            epoch,
        ]
        told = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)
        return json.loads(told.stdout.strip().rpartition("\n")[2])

    def said(self) -> str:
        return "".join((self.stage.folder / name / "launcher.log").read_text() for name in self.launchers)

    def close(self) -> None:
        for name, launcher in self.launchers.items():
            if launcher.poll() is None:
                self.kill(name)
        self.stage.close()

    def _over(self) -> bool:
        return self.launchers["aggregator"].poll() is not None

    def _complete(self, root: Path, name: str) -> None:
        """What the proxy does not read of the start data, and the launcher's folders."""
        start = json.loads((root / "start.json").read_text())
        start["run"]["uid"] = "0d6c1f8a"
        if name != "aggregator":
            start["ports"]["runtime"] = free_port()
        start |= {"self": name, "runtime": "openfl", "rounds": ROUNDS, "minimum": 2, "configuration": {"pause": 0.5}}
        start |= {"timeouts": {"waiting": 120, "round": 120, "run": 600}}
        (root / "start.json").write_bytes(canonical_json(start))
        for part in ("state", "tmp", "data"):
            (root / part).mkdir(exist_ok=True)
        shutil.copytree(ADAPTERS / "openfl_app", root / "app", ignore=shutil.ignore_patterns("__pycache__"))
        (root / "data/train.npz").write_bytes(_digits(low=name == "site-1"))


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> Iterator[SimpleNamespace]:
    """A run that has ended, though first the aggregator's proxy was killed and then the aggregator itself."""
    try:
        environments.python("openfl")
    except LaunchError:
        pytest.skip("the environment of openfl is not made: run `make runtimes`")
    training = Training(tmp_path_factory.mktemp("openfl"))
    try:
        training.start("aggregator", *SITES)
        training.until_round(1)
        forged = training.forge("site-2", site="site-1")
        proxy = training.stage.proxies[0]
        proxy.stop(signal.SIGKILL)
        proxy.start()
        training.until_round(len(training.events("round")) + 2)
        training.kill("aggregator")
        kept = len(training.events("round"))
        training.start("aggregator")
        codes = {name: launcher.wait(150) for name, launcher in training.launchers.items()}
        yield SimpleNamespace(training=training, codes=codes, forged=forged, kept=kept)
    finally:
        training.close()


def test_a_run_completes_though_its_aggregator_and_the_proxy_are_killed(done) -> None:
    assert done.codes == {"aggregator": 0, "site-1": 0, "site-2": 0}, done.training.said()
    assert done.kept < ROUNDS
    assert [event.fields["after"] for event in done.training.events("session")] == [0, done.kept]
    assert [event.fields["round"] for event in done.training.events("round")] == list(range(1, ROUNDS + 1))


def test_the_model_knows_what_no_site_could_teach_alone(done) -> None:
    with np.load(done.training.stage.folder / "aggregator/state/runs/1/model/arrays.npz") as file:
        w, b = (file[name] for name in file.files)
    x, y = load_digits(return_X_y=True)
    held_out = x[:400] / 16
    assert ((held_out @ w + b).argmax(axis=1) == y[:400]).mean() > 0.85


def test_a_result_of_one_site_in_the_name_of_another_is_refused(done) -> None:
    assert done.forged == {"Ping": "PERMISSION_DENIED", "SendLocalTaskResults": "PERMISSION_DENIED"}
    (told,) = done.training.events("error")
    assert told.fields["message"] == "Refused a PingRequest of site-1 that claims to come from 'site-2'."
    log = done.training.stage.folder / "aggregator/state/runs/1/logs/aggregator.log"
    assert "Refused a TaskResults of site-1 that claims to come from 'site-2'." in log.read_text()


def _digits(*, low: bool) -> bytes:
    x, y = load_digits(return_X_y=True)
    train = np.arange(len(y)) >= 400
    part = train & ((y < 6) if low else (y >= 6))
    file = io.BytesIO()
    np.savez(file, x=(x[part] / 16).astype("float32"), y=y[part])
    return file.getvalue()

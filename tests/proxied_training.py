"""Real launchers that train through both real proxies of each side."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from covey_cli.local_run import samples
from covey_core.manifests import canonical_json
from covey_runtimes.launch.event_log import read
from federations import TINY
from program import unmeasured
from proxies import Stage, free_port
from waiting import until

if TYPE_CHECKING:
    from pathlib import Path

    from covey_core.launch.events import Event
    from covey_transport.proxy.rules import Rules

SITES = ("site-1", "site-2")
SIDES = ("aggregator", *SITES)
_HELD_OUT = 400


@dataclass(frozen=True)
class Job:
    """What is trained, and how; `pause` seconds are in each round, so that it can be interrupted."""

    runtime: str
    app: Path
    rules: Rules
    rounds: int
    pause: float


class Training:
    """A stage with a launcher beside each proxy; each site has half of the classes. All ends when it is left."""

    def __init__(self, folder: Path, job: Job) -> None:
        self.job = job
        self.stage = Stage(folder, rules=job.rules)
        self.stage.runtime.port = free_port()  # the stage's own runtime is not asked
        self.ports: dict[str, int] = {}
        self.launchers: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        try:
            self.stage.roster(*SITES)
            self.stage.aggregator()
            self.ports = {name: self.stage.collaborator(name)[1] for name in SITES}
            for name in SIDES:
                self._complete(self.stage.folder / name, name)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self, *names: str) -> None:
        for name in names or SIDES:
            root = self.stage.folder / name
            side = "aggregator" if name == "aggregator" else "collaborator"
            words = [sys.executable, "-m", f"covey_{side}", "--root", root]
            env = {**os.environ, "PYTHONPATH": str(TINY)}
            with (root / "launcher.log").open("ab") as log:
                self.launchers[name] = subprocess.Popen(words, env=self._measured(env), stdout=log, stderr=log)

    def kill(self, name: str) -> None:
        launcher = self.launchers[name]
        try:
            os.killpg(launcher.pid, signal.SIGKILL)
        except ProcessLookupError:  # it makes its group when it has begun
            launcher.kill()
        launcher.wait(10)

    def restart_proxy(self) -> None:
        """Kills the aggregator's, and starts it again."""
        self.stage.proxies[0].stop(signal.SIGKILL)
        self.stage.proxies[0].start()

    def codes(self, *, seconds: float) -> dict[str, int]:
        """How each launcher has ended."""
        return {name: launcher.wait(seconds) for name, launcher in self.launchers.items()}

    def events(self, kind: str) -> list[Event]:
        path = self.stage.folder / "aggregator/state/runs/1/events.jsonl"
        return [event for event in read(path) if event.type == kind] if path.exists() else []

    def rounds(self) -> list[int]:
        return [event.fields["round"] for event in self.events("round")]

    def until_round(self, number: int) -> None:
        until(lambda: len(self.rounds()) >= number or self._over(), f"round {number}", seconds=150)
        assert not self._over(), self.said()

    def accuracy(self) -> float:
        """Of the model's arrays, on digits that no site has seen."""
        with np.load(self.stage.folder / "aggregator/state/runs/1/model/arrays.npz") as file:
            w, b = (file[name] for name in file.files)
        digits = samples.load("digits")
        x, y = digits.x[:_HELD_OUT].reshape(-1, 64), digits.y[:_HELD_OUT]
        found: Any = ((x @ w + b).argmax(axis=1) == y).mean()
        return float(found)

    def said(self) -> str:
        return "".join((self.stage.folder / name / "launcher.log").read_text() for name in self.launchers)

    def close(self) -> None:
        for name, launcher in self.launchers.items():
            if launcher.poll() is None:
                self.kill(name)
        self.stage.close()

    def _over(self) -> bool:
        return self.launchers["aggregator"].poll() is not None

    def _measured(self, env: dict[str, str]) -> dict[str, str]:
        """The frameworks' own processes would be measured too, and be slow."""
        return env if self.job.runtime == "tiny" else unmeasured(env)

    def _complete(self, root: Path, name: str) -> None:
        """What the proxy does not read of the start data, and the launcher's folders."""
        start = json.loads((root / "start.json").read_text())
        start["run"]["uid"] = "0d6c1f8a"
        if name != "aggregator":
            start["ports"]["runtime"] = free_port()
        start |= {"self": name, "runtime": self.job.runtime, "rounds": self.job.rounds, "minimum": 2}
        start |= {"configuration": {"pause": self.job.pause}}
        start |= {"timeouts": {"waiting": 120, "round": 120, "run": 600}}
        (root / "start.json").write_bytes(canonical_json(start))
        for part in ("state", "tmp", "data"):
            (root / part).mkdir(exist_ok=True)
        shutil.copytree(self.job.app, root / "app", ignore=shutil.ignore_patterns("__pycache__"))
        (root / "data/train.npz").write_bytes(_digits(low=name == "site-1"))


def _digits(*, low: bool) -> bytes:
    digits = samples.load("digits")
    train = np.arange(len(digits.y)) >= _HELD_OUT
    part = train & ((digits.y < 6) if low else (digits.y >= 6))
    file = io.BytesIO()
    np.savez(file, x=digits.x[part].reshape(-1, 64), y=digits.y[part])
    return file.getvalue()

"""Real launchers with real runtimes on loopback, without proxies: what the contract of adapters is tested with."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from covey_cli.local_run.ports import free_ports
from covey_runtimes.launch.event_log import read
from direct_session import DirectSession
from waiting import until

TESTS = Path(__file__).parent
TINY = TESTS / "tiny"


class Federation:
    """One run: an aggregator's folder and one for each collaborator, with their launchers."""

    def __init__(self, root, *, runtime, app, data, rounds=3, minimum=None, seconds=60, **start):
        self.root, self.names, self.seconds = root, tuple(data), seconds
        self.port = free_port()
        self.session = DirectSession(self.names, runtime_port=self.port)
        self.launchers = {}
        self.start_data = {
            "contract": 1,
            "run": {"namespace": "vision", "job": "digits", "number": 1, "uid": "0d6c1f8a"},
            "runtime": runtime,
            "rounds": rounds,
            "minimum": minimum or len(self.names),
            "configuration": {},
            "timeouts": {"waiting": 60, "round": 60, "run": 600},
            **start,
        }
        for name in ("hub", *self.names):
            folder = root / name
            for part in ("state", "tmp", "data"):
                (folder / part).mkdir(parents=True)
            shutil.copytree(app, folder / "app")
            if name in data:
                (folder / "data/train.npz").write_bytes(data[name])
            self.write_start(name)

    def write_start(self, name, **changes):
        hub = name == "hub"
        door = self.session.port("" if hub else name)
        own = {
            "side": "aggregator" if hub else "collaborator",
            "self": name,
            "ports": {
                "proxy": free_port() if hub else door,
                "runtime": self.port if hub else free_port(),
                "session": door,
            },
        }
        (self.root / name / "start.json").write_text(json.dumps({**self.start_data, **own, **changes}))

    def start(self, *names):
        for name in names or ("hub", *self.names):
            side = "aggregator" if name == "hub" else "collaborator"
            with (self.root / name / "launcher.log").open("ab") as log:
                self.launchers[name] = subprocess.Popen(
                    [sys.executable, "-m", f"covey_{side}", "--root", self.root / name],
                    env={**os.environ, "PYTHONPATH": str(TINY)},
                    stdout=log,
                    stderr=log,
                )

    def wait(self, name="hub", *, seconds=None):
        return self.launchers[name].wait(seconds or self.seconds)

    def kill(self, name):
        """As a Pod dies: every process of the group at once."""
        launcher = self.launchers[name]
        os.killpg(launcher.pid, signal.SIGKILL)
        launcher.wait(10)

    def end_first_process(self, name="hub"):
        """Kills the first process that the launcher started."""
        listed = subprocess.run(["pgrep", "-o", "-P", str(self.launchers[name].pid)], capture_output=True, check=True)
        os.kill(int(listed.stdout), signal.SIGKILL)

    def runtime_processes(self, name="hub"):
        """The living ones, whichever group or parent they have: each knows its reports' place."""
        mark = f"COVEY_REPORTS={self.root / name}/".encode()
        return [one.name for one in Path("/proc").iterdir() if one.name.isdigit() and _holds(one, mark)]

    def said(self, name="hub"):
        """What the launcher told people."""
        return (self.root / name / "launcher.log").read_text()

    def run_folder(self, name="hub"):
        return self.root / name / "state/runs/1"

    def events(self, name="hub", type_=None):
        found = read(self.run_folder(name) / "events.jsonl")
        return [event for event in found if type_ in (None, event.type)]

    def rounds(self, name="hub"):
        return [event.fields["round"] for event in self.events(name, "round")]

    def until_round(self, number, *, name="hub"):
        until(lambda: number in self.rounds(name), f"round {number} of {name}", seconds=self.seconds)

    def close(self):
        for launcher in self.launchers.values():
            if launcher.poll() is None:
                try:
                    os.killpg(launcher.pid, signal.SIGKILL)
                except ProcessLookupError:
                    launcher.kill()
                launcher.wait(10)
        self.session.close()


def free_port():
    return free_ports(1)[0]


def _holds(process, words):
    try:
        return words in (process / "environ").read_bytes()
    except OSError:
        return False

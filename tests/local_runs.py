"""`covey run` as a process, in a fleet repo made for it: what it says, what it leaves, and how its parts are killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from covey_runtimes.environments import FOLDER
from covey_runtimes.launch.event_log import read
from federations import TINY
from fleets import DATA_SET_VALUE, FLEET_VALUE, JOB_VALUE
from program import COVEY, environment, unmeasured
from waiting import until

SIDES = ("aggregator", "site-1", "site-2")
_PROGRAMS = {"launcher": ("covey_aggregator", "covey_collaborator"), "proxy": ("covey_transport.supervisor",)}


def fleet_repo(root, *, runtime="tiny", app=TINY / "app", rounds=5, **spec):
    """A fleet repo with one job; returns the job's file."""
    job = json.loads(json.dumps(JOB_VALUE))
    job["spec"] |= {"runtime": runtime, "rounds": rounds, **spec}
    files = {"covey.yaml": FLEET_VALUE, "datasets/digits.yaml": DATA_SET_VALUE, "jobs/vision/digits/job.yaml": job}
    for name, value in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(json.dumps(value, indent=1))
    shutil.copytree(app, root / "jobs/vision/digits/app", ignore=shutil.ignore_patterns("__pycache__"))
    return root / "jobs/vision/digits/job.yaml"


class LocalRun:
    """One start of `covey run --format json`; `close` leaves no process behind."""

    def __init__(self, root, *arguments, **env):
        self.root = root
        places = {name: os.environ[name] for name in ("XDG_CACHE_HOME", FOLDER) if name in os.environ}
        own = environment(Path.home(), PYTHONPATH=str(TINY), **places | env)
        with (root / "out.txt").open("wb") as out, (root / "err.txt").open("wb") as err:
            self.process = subprocess.Popen(
                [COVEY, "run", *map(str, arguments), "--format", "json"],
                cwd=root,
                env=unmeasured(own),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )

    @property
    def folder(self):
        return max((self.root / ".covey/runs").iterdir())

    @property
    def out(self):
        return (self.root / "out.txt").read_text()

    @property
    def err(self):
        return (self.root / "err.txt").read_text()

    def lines(self, type_=None):
        """What was printed, as JSON."""
        found = [json.loads(line) for line in self.out.splitlines(keepends=True) if line.endswith("\n")]
        return [line for line in found if type_ in (None, line["type"])]

    def notices(self):
        return "\n".join(line["text"] for line in self.lines("notice"))

    def events(self, type_=None):
        found = read(self.folder / "aggregator/state/runs/1/events.jsonl")
        return [event for event in found if type_ in (None, event.type)]

    def rounds(self):
        return [event.fields["round"] for event in self.events("round")]

    def until_round(self, number, *, seconds=60):
        until(lambda: self._ended() or number in self._rounds_so_far(), f"round {number}", seconds=seconds)
        assert not self._ended(), self.out + self.err

    def pid(self, side, program):
        """Of a side's launcher or proxy, once it is there."""
        until(lambda: self._pids(side, program), f"the {program} of {side}")
        return self._pids(side, program)[0]

    def kill(self, side, program):
        os.kill(self.pid(side, program), signal.SIGKILL)

    def wait(self, seconds=120):
        return self.process.wait(seconds)

    def processes(self):
        """Whatever still lives of this run, and is not `covey run` itself."""
        mark = f"{self.root}/.covey/runs".encode()
        return [one.name for one in Path("/proc").iterdir() if one.name.isdigit() and mark in _about(one)]

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.kill_all()

    def kill_all(self):
        """Whatever is there of the run, at once."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for pid in self.processes():
            with suppress(ProcessLookupError):  # the others' end may have ended it
                os.kill(int(pid), signal.SIGKILL)

    def _ended(self):
        return self.process.poll() is not None

    def _rounds_so_far(self):
        try:
            return self.rounds()
        except (FileNotFoundError, ValueError):
            return []

    def _pids(self, side, program):
        mark = f"--root\0{self.folder}/{side}\0".encode()
        found = []
        for one in Path("/proc").iterdir():
            if one.name.isdigit():
                words = _read(one / "cmdline")
                if mark in words + b"\0" and any(name.encode() in words for name in _PROGRAMS[program]):
                    found.append(int(one.name))
        return sorted(found)


def _about(process):
    return _read(process / "cmdline") + _read(process / "environ")


def _read(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


assert sys.platform == "linux", "these tests read /proc"

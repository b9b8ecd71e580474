"""What is left when a node's agent, or whoever started it, is killed: nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import program
from controlplane.node.start import start_node
from controlplane.node.trials import IMAGES, Trial, container, phase, pod, processes, shell

STARTER = """
import sys, time
from pathlib import Path
from controlplane.node.start import start_node
from controlplane.node.trials import IMAGES, Trial, phase, pod, shell
from controlplane.plane import Plane

plane = Plane(Path(sys.argv[1]), spokes=()).start()
trial = Trial(start_node(plane, "hub", images=IMAGES))
trial.start(pod("long", shell("exec sleep 61236")))
trial.until("long", lambda one: phase(one) == "Running")
print("up", flush=True)
time.sleep(600)
"""


def until(holds, *, seconds=20.0):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.1)


def test_pods_end_with_a_killed_agent_and_start_again_with_the_next(plane):
    node = start_node(plane, "cluster2", images=IMAGES, backoff=1.0)
    trial = Trial(node)
    trial.start(pod("long", shell("exec sleep 61235"), restartPolicy="Always"))
    trial.until("long", lambda one: phase(one) == "Running")
    os.kill(node.server.process.pid, signal.SIGKILL)
    until(lambda: not processes("61235"))
    node.kill()
    again = start_node(plane, "cluster2", images=IMAGES, backoff=1.0)
    found = trial.until("long", lambda one: container(one).get("restartCount") == 1 and phase(one) == "Running")
    assert container(found)["lastState"]["terminated"]["exitCode"] == 137
    again.stop()


def test_nothing_is_left_of_a_plane_whose_starter_is_killed(tmp_path):
    env = {**program.unmeasured(os.environ), "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    words = [sys.executable, "-c", STARTER, str(tmp_path)]
    with subprocess.Popen(words, env=env, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout.readline() == "up\n"
        assert processes("61236")
        starter.kill()
    until(lambda: not processes("61236"))
    until(lambda: not [one for one in _commands() if str(tmp_path) in one])


def _commands():
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield file.read_bytes().decode(errors="replace")
        except OSError:
            continue

"""What is left when a node's agent, or whoever started it, is killed: nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import program
from controlplane.node.start import start_node
from controlplane.node.trials import IMAGES, Trial, container, ended, is_over, phase, pod, processes, shell
from waiting import until

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


def test_pods_end_with_a_killed_agent_and_go_on_with_the_next_as_they_may(plane):
    node = start_node(plane, "cluster2", images=IMAGES, backoff=1.0)
    try:
        trial = Trial(node)
        trial.start(pod("long", shell("exec sleep 61235"), restartPolicy="Always"))
        trial.start(pod("once", shell("exec sleep 61237"), initContainers=[{**shell("true"), "name": "first"}]))
        for name in ("long", "once"):
            trial.until(name, lambda one: container(one).get("started"))
        os.kill(node.server.process.pid, signal.SIGKILL)
        until(lambda: not processes("61235") + processes("61237"))
    finally:
        node.kill()
    again = start_node(plane, "cluster2", images=IMAGES, backoff=1.0)
    try:
        found = trial.until("long", lambda one: container(one).get("restartCount") == 1 and phase(one) == "Running")
        assert container(found)["lastState"]["terminated"]["exitCode"] == 137
        found = trial.until("once", is_over)
        assert phase(found) == "Failed"
        assert (ended(found)["exitCode"], ended(found)["reason"]) == (137, "ContainerStatusUnknown")
        assert ended(found, "first")["exitCode"] == 0
        assert not processes("61237")
    finally:
        again.stop()


def test_pods_of_a_node_that_is_taken_away_are_not_seen_to_fail(plane):
    node = start_node(plane, "cluster2", images=IMAGES, backoff=1.0)
    trial = Trial(node)
    try:
        trial.start(pod("long", shell("exec sleep 61238")))
        trial.until("long", lambda one: container(one).get("started"))
    finally:
        plane.servers.stop(node.server)
    assert not processes("61238")
    assert phase(trial.look("long")) == "Running"
    node.stop()


def test_nothing_is_left_of_a_plane_whose_starter_is_killed(tmp_path):
    env = {**program.unmeasured(os.environ), "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    words = [sys.executable, "-c", STARTER, str(tmp_path)]
    with subprocess.Popen(words, env=env, stdout=subprocess.PIPE, text=True) as starter:
        try:
            assert starter.stdout.readline() == "up\n"
            assert processes("61236")
        finally:
            starter.kill()
    until(lambda: not processes("61236"))
    until(lambda: not [one for one in _commands() if str(tmp_path) in one])


def _commands():
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield file.read_bytes().decode(errors="replace")
        except OSError:
            continue

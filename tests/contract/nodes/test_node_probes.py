"""Startup, readiness and liveness probes by exec, HTTP and TCP."""

from __future__ import annotations

import pytest

from controlplane.node.probes import Tally
from controlplane.node.trials import condition, container, phase, pod, shell

SERVER = "cd /tmp && exec python3 -m http.server 8080"
UP = "/tmp/up"  # noqa: S108 - the container's own
PORTS = [{"name": "web", "containerPort": 8080}]
QUICK = {"periodSeconds": 1, "failureThreshold": 1}
LONG = {"periodSeconds": 1, "failureThreshold": 60}


@pytest.mark.parametrize(
    "how",
    [
        {"httpGet": {"path": "/", "port": "web"}},
        {"tcpSocket": {"port": 8080}},
        {"exec": {"command": ["test", "-f", UP]}},
    ],
    ids=["http", "tcp", "exec"],
)
def test_a_pod_is_ready_when_its_probe_says_so(trial, how):
    made = shell(f"sleep 1; touch {UP}; {SERVER}", ports=PORTS, readinessProbe={**how, **LONG})
    trial.start(pod("slow", made))
    found = trial.until("slow", lambda one: phase(one) == "Running")
    assert condition(found, "Ready") == "False"
    found = trial.until("slow", lambda one: condition(one, "Ready") == "True")
    assert container(found)["started"]


def test_a_pod_whose_probe_fails_later_is_not_ready_any_more(trial):
    made = shell(
        f"touch {UP}; sleep 3; rm {UP}; sleep 60",
        readinessProbe={"exec": {"command": ["test", "-f", UP]}, **QUICK},
    )
    trial.start(pod("wavering", made))
    trial.until("wavering", lambda one: condition(one, "Ready") == "True")
    found = trial.until("wavering", lambda one: condition(one, "Ready") == "False")
    assert phase(found) == "Running"
    trial.until_event("wavering", "Unhealthy", "Readiness probe failed")


def test_a_liveness_probe_that_fails_starts_the_container_again(trial):
    made = shell("exec sleep 60", livenessProbe={"exec": {"command": ["false"]}, **QUICK})
    trial.start(pod("dying", made, restartPolicy="Always", terminationGracePeriodSeconds=1))
    found = trial.until("dying", lambda one: container(one).get("restartCount", 0) >= 1)
    assert container(found)["lastState"]["terminated"]["exitCode"] == 137
    trial.until_event("dying", "Unhealthy", "Liveness probe failed")


def test_a_startup_probe_that_never_succeeds_ends_the_container(trial):
    made = shell(
        "exec sleep 60", startupProbe={"exec": {"command": ["false"]}, "periodSeconds": 1, "failureThreshold": 2}
    )
    found = trial.run(pod("stuck", made, terminationGracePeriodSeconds=1))
    assert phase(found) == "Failed"
    assert ("Killing", "Container main failed startup probe, will be restarted") in trial.events("stuck")


def test_other_probes_wait_for_the_startup_probe(trial):
    made = shell(
        f"sleep 2; touch {UP}; sleep 60",
        startupProbe={"exec": {"command": ["test", "-f", UP]}, **LONG},
        livenessProbe={"exec": {"command": ["test", "-f", UP]}, **QUICK},
    )
    trial.start(pod("starting", made))
    found = trial.until("starting", lambda one: condition(one, "Ready") == "True")
    assert container(found)["restartCount"] == 0


def test_a_probe_that_takes_too_long_has_failed(trial):
    made = shell("sleep 60", readinessProbe={"exec": {"command": ["sleep", "30"]}, "timeoutSeconds": 1, **QUICK})
    trial.start(pod("slow", made))
    trial.until_event("slow", "Unhealthy", "timed out after 1s")


def test_thresholds_count_answers_in_a_row():
    tally = Tally(success=2, failure=3)
    assert [tally.count(good=good) for good in (True, True, False, False, True, False, False, False)] == [
        None,
        True,
        None,
        None,
        None,
        None,
        None,
        False,
    ]

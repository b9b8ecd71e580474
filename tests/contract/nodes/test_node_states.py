"""What a node's agent makes of Pods that ran under another agent before it."""

from __future__ import annotations

import asyncio

import pytest

from controlplane.node.runner import Runner
from controlplane.node.states import known, phase

RUNNING = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}


def done(code):
    return {"terminated": {"exitCode": code, "reason": "Error" if code else "Completed"}}


def said(name, state, *, restarts=0, last=None):
    return {
        "name": name,
        "state": state,
        "restartCount": restarts,
        "lastState": last or {},
        "containerID": f"x://{name}",
    }


def seen(policy, *statuses, init=()):
    """As known by a new agent, of a Pod with a container for each status."""
    named = [{"name": one["name"], "image": "shell"} for one in statuses]
    before = [{"name": one["name"], "image": "shell", **more} for one, more in init]
    spec = {"restartPolicy": policy, "containers": named, "initContainers": before}
    told = {"containerStatuses": list(statuses), "initContainerStatuses": [one for one, _ in init]}
    return known({"metadata": {}, "spec": spec, "status": told}, "10.244.1.1")


def test_a_container_that_ran_in_a_pod_that_never_restarts_has_failed():
    found = seen("Never", said("main", RUNNING), said("other", done(0)))
    main, other = found.main
    assert (main.ended["exitCode"], main.ended["reason"]) == (137, "ContainerStatusUnknown")
    assert (other.ended["exitCode"], other.id) == (0, "x://other")
    assert (main.restarts, other.restarts) == (0, 0)
    assert found.nothing_left
    found.over = True
    assert phase(found) == "Failed"


def test_a_pod_that_was_done_but_for_its_last_word_has_succeeded():
    found = seen("Never", said("main", done(0)))
    assert found.nothing_left
    found.over = True
    assert phase(found) == "Succeeded"


def test_an_init_container_that_is_done_does_not_run_again_where_nothing_restarts():
    waits = said("main", {"waiting": {"reason": "PodInitializing"}})
    found = seen("Never", waits, init=[(said("first", done(0)), {})])
    assert found.init[0].ended["exitCode"] == 0
    assert found.main[0].ended is None
    assert not found.nothing_left


def test_an_init_container_that_ran_fails_a_pod_that_never_restarts():
    waits = said("main", {"waiting": {"reason": "PodInitializing"}})
    assert seen("Never", waits, init=[(said("first", RUNNING), {})]).nothing_left


def test_a_sidecar_starts_again_also_where_nothing_else_does():
    side = said("side", RUNNING, restarts=2)
    waits = said("main", {"waiting": {"reason": "PodInitializing"}})
    found = seen("Never", waits, init=[(side, {"restartPolicy": "Always"})])
    assert found.init[0].ended is None
    assert (found.init[0].restarts, found.init[0].last["exitCode"]) == (3, 137)
    assert not found.nothing_left


@pytest.mark.parametrize(
    ("policy", "code", "again"),
    [("Always", 0, True), ("Always", 1, True), ("OnFailure", 0, False), ("OnFailure", 1, True)],
)
def test_a_container_that_had_ended_starts_again_as_its_policy_says(policy, code, again):
    (main,) = seen(policy, said("main", done(code), restarts=1)).main
    assert (main.ended is None) == again
    assert main.restarts == (2 if again else 1)
    assert not again or main.last["exitCode"] == code


def test_a_container_that_waited_after_a_failure_keeps_its_count():
    waits = {"waiting": {"reason": "CrashLoopBackOff"}}
    (main,) = seen("Always", said("main", waits, restarts=4, last=done(3))).main
    assert (main.restarts, main.last["exitCode"]) == (5, 3)


def test_a_runner_does_not_start_what_has_ended():
    (state,) = seen("Never", said("main", done(0))).main
    runner = Runner.__new__(Runner)  # anything that it would need to start the container is missing
    runner.state, runner.policy = state, "Never"
    asyncio.run(runner.keep())
    assert state.ended["exitCode"] == 0

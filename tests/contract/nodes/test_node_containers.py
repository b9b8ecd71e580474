"""Containers on a node: how they start, end, fail and start again."""

from __future__ import annotations

import time

from lightkube.resources.core_v1 import Pod

from controlplane.node.trials import condition, container, ended, is_over, phase, pod, shell, waiting


def test_a_pod_whose_container_ends_well_has_succeeded(trial):
    found = trial.run(pod("good", shell("echo hello")))
    assert phase(found) == "Succeeded"
    assert ended(found)["exitCode"] == 0
    assert ended(found)["reason"] == "Completed"
    assert trial.log("good") == "hello\n"


def test_an_exit_code_and_a_termination_message_are_told(trial):
    found = trial.run(pod("bad", shell("echo the disk is full > /dev/termination-log; exit 42")))
    assert phase(found) == "Failed"
    assert ended(found)["exitCode"] == 42
    assert ended(found)["reason"] == "Error"
    assert ended(found)["message"] == "the disk is full\n"


def test_the_end_of_the_log_is_the_message_where_the_pod_says_so(trial):
    last = shell("echo first; echo last words; exit 1", terminationMessagePolicy="FallbackToLogsOnError")
    assert ended(trial.run(pod("words", last)))["message"] == "first\nlast words\n"


def test_a_program_that_is_not_in_the_image_is_said(trial):
    found = trial.run(pod("nothing", shell("", command=["no-such-program"])))
    assert ended(found)["exitCode"] == 128
    assert ended(found)["reason"] == "StartError"
    assert 'exec: "no-such-program": executable file not found' in ended(found)["message"]


def test_a_container_that_kills_itself_has_the_exit_code_of_the_signal(trial):
    script = "sh -c 'kill -9 $$$$'; exit $?"  # `$$` is one dollar in the words of a container
    assert ended(trial.run(pod("killed", shell(script))))["exitCode"] == 137


def test_an_unknown_image_is_waited_for_until_the_pod_is_deleted(trial):
    trial.start(pod("unknown", shell("true", image="registry.example/nothing:1")))
    trial.until("unknown", lambda one: waiting(one) == "ErrImagePull")
    trial.until("unknown", lambda one: waiting(one) == "ImagePullBackOff")
    assert phase(trial.look("unknown")) == "Pending"
    trial.delete("unknown")
    trial.until_gone("unknown")


def test_a_failing_container_starts_again_after_longer_and_longer(trial):
    trial.start(pod("loop", shell("echo again; exit 3"), restartPolicy="Always"))
    found = trial.until("loop", lambda one: waiting(one) == "CrashLoopBackOff")
    assert "back-off 1s" in container(found)["state"]["waiting"]["message"]
    assert container(found)["lastState"]["terminated"]["exitCode"] == 3
    found = trial.until("loop", lambda one: "back-off 2s" in str(container(one)))
    assert container(found)["restartCount"] == 2
    assert phase(found) == "Running"
    assert trial.log("loop", start=1) == "again\n"


def test_on_failure_a_container_that_ends_well_is_not_started_again(trial):
    script = "test -e /d/was && exit 0; touch /d/was; exit 1"
    made = shell(script, volumeMounts=[{"name": "d", "mountPath": "/d"}])
    found = trial.run(pod("twice", made, restartPolicy="OnFailure", volumes=[{"name": "d", "emptyDir": {}}]))
    assert phase(found) == "Succeeded"
    assert container(found)["restartCount"] == 1


def test_init_containers_run_one_after_the_other_before_the_others(trial):
    mount = {"volumeMounts": [{"name": "d", "mountPath": "/d"}]}
    first = {**shell("echo 1 >> /d/order", **mount), "name": "first"}
    second = {**shell("echo 2 >> /d/order", **mount), "name": "second"}
    last = shell("cat /d/order", **mount)
    trial.run(pod("order", last, initContainers=[first, second], volumes=[{"name": "d", "emptyDir": {}}]))
    assert trial.log("order") == "1\n2\n"


def test_an_init_container_that_fails_keeps_the_others_from_starting(trial):
    found = trial.run(pod("early", shell("true"), initContainers=[{**shell("exit 5"), "name": "init"}]))
    assert phase(found) == "Failed"
    assert ended(found, "init")["exitCode"] == 5
    assert waiting(found) == "PodInitializing"


def test_a_sidecar_starts_first_and_is_ended_after_the_main_container(trial):
    script = "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.1; done"
    hook = {"preStop": {"exec": {"command": ["sh", "-c", "echo drained > /d/drained"]}}}
    mount = [{"name": "d", "mountPath": "/d"}]
    side = {**shell(script, lifecycle=hook, volumeMounts=mount), "name": "side", "restartPolicy": "Always"}
    side["startupProbe"] = {"exec": {"command": ["test", "-d", "/d"]}, "periodSeconds": 1}
    main = shell("test ! -e /d/drained")
    found = trial.run(pod("beside", main, initContainers=[side], volumes=[{"name": "d", "emptyDir": {}}]))
    assert phase(found) == "Succeeded"
    assert trial.log("beside", "side") == "up\nbye\n"
    assert ended(found, "side")["exitCode"] == 0
    assert ended(found, "side")["finishedAt"] >= ended(found)["finishedAt"]


def test_a_sidecar_that_fails_is_started_again_while_the_main_container_runs(trial):
    side = {**shell("sleep 0.2; exit 1"), "name": "side", "restartPolicy": "Always"}
    trial.start(pod("frail", shell("sleep 60"), initContainers=[side]))
    found = trial.until("frail", lambda one: container(one, "side").get("restartCount", 0) >= 2)
    assert container(found)["restartCount"] == 0


def test_deleting_a_pod_runs_its_hook_then_asks_then_goes(trial):
    script = "trap 'echo asked >> /dev/termination-log; sleep 0.5; exit 0' TERM; echo up; while :; do sleep 0.1; done"
    hook = {"preStop": {"exec": {"command": ["sh", "-c", "echo hook >> /dev/termination-log"]}}}
    trial.start(pod("leaving", shell(script, lifecycle=hook), metadata={"finalizers": ["covey.dev/test"]}))
    trial.until_said("leaving", "up")
    trial.delete("leaving")
    found = trial.until("leaving", is_over)
    assert ended(found)["message"] == "hook\nasked\n"
    trial.client.patch(Pod, "leaving", {"metadata": {"finalizers": None}}, namespace="default")
    trial.until_gone("leaving")


def test_a_pod_that_does_not_listen_is_killed_after_its_grace(trial):
    made = pod("deaf", shell("trap '' TERM; echo up; while :; do sleep 0.1; done"), terminationGracePeriodSeconds=2)
    trial.start(made)
    trial.until_said("deaf", "up")
    start = time.monotonic()
    trial.delete("deaf")
    trial.until_gone("deaf")
    assert time.monotonic() - start >= 2


def test_a_deadline_ends_a_pod(trial):
    found = trial.run(pod("late", shell("exec sleep 60"), activeDeadlineSeconds=1, terminationGracePeriodSeconds=1))
    assert phase(found) == "Failed"
    assert found["status"]["reason"] == "DeadlineExceeded"


def test_a_running_pod_is_ready_and_a_completed_one_is_not(trial):
    trial.start(pod("ready", shell("sleep 60")))
    found = trial.until("ready", lambda one: condition(one, "Ready") == "True")
    assert phase(found) == "Running"
    done = trial.run(pod("done", shell("true")))
    assert condition(done, "Ready") == "False"
    assert condition(done, "Initialized") == "True"

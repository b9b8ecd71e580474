"""What a container can't do or see, and as whom it runs."""

from __future__ import annotations

import os

import pytest

from controlplane.node.trials import container, ended, phase, pod, shell, waiting

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="other users need a machine where we are root")


def test_a_container_sees_its_own_processes_and_no_others(trial):
    trial.run(pod("alone", shell("ls /proc | grep -c '^[0-9]'; readlink /proc/1/exe; echo $$$$")))
    count, _, own = trial.log("alone").split()
    assert int(count) < 6
    assert own == "1"


def test_a_root_file_system_that_is_read_only_is(trial):
    script = "touch /x /tmp/x; touch /v/x && echo only here"
    made = shell(
        script,
        securityContext={"readOnlyRootFilesystem": True},
        volumeMounts=[{"name": "v", "mountPath": "/v"}],
    )
    trial.run(pod("frozen", made, volumes=[{"name": "v", "emptyDir": {}}]))
    log = trial.log("frozen")
    assert "/x': Read-only file system" in log
    assert log.count("Read-only file system") == 2
    assert log.endswith("only here\n")


def test_the_files_of_the_machine_are_not_there(trial):
    folder = trial.node.folder
    trial.run(pod("blind", shell(f"ls {folder} /root/.ssh; touch /usr/x")))
    log = trial.log("blind")
    assert f"cannot access '{folder}'" in log
    assert "/usr/x': Read-only file system" in log


def test_nothing_is_left_of_roots_powers_when_all_are_dropped(trial):
    context = {"capabilities": {"drop": ["ALL"]}, "allowPrivilegeEscalation": False}
    trial.run(pod("weak", shell("grep -E 'Cap(Prm|Eff|Bnd)|NoNewPrivs' /proc/self/status", securityContext=context)))
    values = [line.split()[1] for line in trial.log("weak").splitlines()]
    assert values == ["0" * 16] * 3 + ["1"]


def test_the_image_names_the_user_and_the_pod_may_name_another(trial):
    trial.run(pod("image", shell("id -u")))
    assert trial.log("image") == "65532\n"
    trial.run(pod("own", shell("id -u; id -g", securityContext={"runAsUser": 1001, "runAsGroup": 1002})))
    assert trial.log("own") == "1001\n1002\n"


def test_a_container_that_must_not_be_root_is_not_started_as_root(trial):
    made = shell("true", image="root", securityContext={"runAsNonRoot": True})
    trial.start(pod("rooted", made))
    found = trial.until("rooted", lambda one: waiting(one) == "CreateContainerConfigError")
    assert "runAsNonRoot" in container(found)["state"]["waiting"]["message"]


@ROOT_ONLY
def test_a_secret_for_its_owner_and_group_needs_fs_group(trial):
    trial.secret("keys", key="private")
    volume = {"name": "v", "secret": {"secretName": "keys", "defaultMode": 0o440}}
    made = shell("cat /v/key", volumeMounts=[{"name": "v", "mountPath": "/v"}])
    found = trial.run(pod("without", made, volumes=[volume]))
    assert phase(found) == "Failed"
    assert "Permission denied" in trial.log("without")
    trial.run(pod("with", made, volumes=[volume], securityContext={"fsGroup": 2000}))
    assert trial.log("with") == "private"


@ROOT_ONLY
def test_an_empty_dir_belongs_to_fs_group(trial):
    made = shell("id -G; touch /v/x; stat -c %g /v/x", volumeMounts=[{"name": "v", "mountPath": "/v"}])
    security = {"fsGroup": 2000, "supplementalGroups": [3000]}
    trial.run(pod("shared", made, volumes=[{"name": "v", "emptyDir": {}}], securityContext=security))
    groups, owner = trial.log("shared").splitlines()
    assert {"2000", "3000"} <= set(groups.split())
    assert owner == "2000"


def test_python_of_this_checkout_is_an_image_too(trial):
    script = "import covey_core, sys; print(covey_core.__name__, sys.argv[1])"
    found = trial.run(pod("snake", {"name": "main", "image": "python", "args": ["-c", script, "$(HOSTNAME)"]}))
    assert ended(found)["exitCode"] == 0, trial.log("snake")
    assert trial.log("snake").startswith("covey_core")

"""What a cluster's controllers and its scheduler make of nodes: Jobs, Deployments, Services, Pods that don't fit."""

from __future__ import annotations

import pytest
from lightkube.core.exceptions import ApiError
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.batch_v1 import Job
from lightkube.resources.core_v1 import Pod, Service

from controlplane.node.trials import condition, ended, phase, pod, processes, shell
from waiting import until

SERVER = "cd /tmp && echo it is $HOSTNAME > index.html && exec python3 -m http.server 8080"
WEB = {"name": "web", "containerPort": 8080}
READY = {"tcpSocket": {"port": 8080}, "periodSeconds": 1}


def template(container, **spec):
    made = pod("unused", container, **spec)
    return {"metadata": {"labels": {"app": "web"}}, "spec": made["spec"]}


def job(trial, name, container, **spec):
    """The conditions of a Job that has come to its end."""
    made = {"metadata": {"name": name}, "spec": {**spec, "template": template(container)}}
    trial.client.create(Job.from_dict(made), namespace="default")

    def over():
        found = trial.client.get(Job, name, namespace="default").status
        kinds = {one.type: one for one in (found and found.conditions) or ()}
        return kinds if {"Complete", "Failed"} & kinds.keys() else None

    return until(over)


def service(trial, name, **spec):
    ports = [{"name": "web", "port": 80, "targetPort": "web"}]
    made = {"metadata": {"name": name}, "spec": {"selector": {"app": "web"}, "ports": ports, **spec}}
    return trial.client.create(Service.from_dict(made), namespace="default")


@pytest.fixture
def web(trial):
    """Two Pods of a Deployment that answer over HTTP."""
    made = shell(SERVER, ports=[WEB], readinessProbe=READY)
    selector = {"matchLabels": {"app": "web"}}
    body = template(made, restartPolicy="Always")
    spec = {"replicas": 2, "selector": selector, "template": body}
    trial.client.create(Deployment.from_dict({"metadata": {"name": "web"}, "spec": spec}), namespace="default")
    until(lambda: trial.client.get(Deployment, "web", namespace="default").status.readyReplicas == 2)


def test_a_job_completes(trial):
    assert "Complete" in job(trial, "good", shell("true"))


def test_a_job_tries_again_until_its_limit(trial):
    found = job(trial, "bad", shell("exit 1"), backoffLimit=0)
    assert found["Failed"].reason == "BackoffLimitExceeded"


def test_a_job_fails_at_once_on_an_exit_code_that_its_policy_names(trial):
    rule = {"action": "FailJob", "onExitCodes": {"containerName": "main", "operator": "In", "values": [42]}}
    found = job(trial, "named", shell("exit 42"), backoffLimit=6, podFailurePolicy={"rules": [rule]})
    assert found["Failed"].reason == "PodFailurePolicy"
    assert "exit code 42" in found["Failed"].message


def test_a_job_with_a_sidecar_completes(trial):
    side = {**shell("trap 'exit 0' TERM; while :; do sleep 0.1; done"), "name": "side", "restartPolicy": "Always"}
    body = template(shell("true"))
    body["spec"]["initContainers"] = [side]
    made = {"metadata": {"name": "beside"}, "spec": {"template": body}}
    trial.client.create(Job.from_dict(made), namespace="default")
    until(lambda: trial.client.get(Job, "beside", namespace="default").status.succeeded)


def test_a_service_answers_at_its_address_and_by_its_name(trial, web):  # noqa: ARG001 - runs behind it
    made = service(trial, "web")
    names = [made.spec.clusterIP, "web", "web.default", "web.default.svc.cluster.local"]
    script = "".join(f"until curl -sf -m 2 http://{name}/; do sleep 0.2; done;" for name in names)
    found = trial.run(pod("asking", shell(script)))
    assert phase(found) == "Succeeded"
    lines = trial.log("asking").splitlines()
    assert len(lines) == 4
    assert len(set(lines)) == 2  # each of the two has answered


def test_a_service_without_ready_pods_refuses_connections(trial):
    made = service(trial, "web")
    found = trial.run(pod("asking", shell(f"sleep 1; curl -sf -m 2 http://{made.spec.clusterIP}/")))
    assert ended(found)["exitCode"] == 7  # curl's word for it


def test_pods_of_other_clusters_come_in_by_node_port_and_load_balancer(trial, web, hub_trial):  # noqa: ARG001
    port = service(trial, "by-port", type="NodePort").spec.ports[0].nodePort
    service(trial, "by-balancer", type="LoadBalancer")

    def balanced():
        found = trial.client.get(Service, "by-balancer", namespace="default").status.loadBalancer
        return found.ingress if found else None

    address = until(balanced)[0].ip
    goals = [f"http://{address}:{port}/", f"http://{address}/"]
    script = "".join(f"until curl -sf -m 2 {goal}; do sleep 0.2; done;" for goal in goals)
    assert phase(hub_trial.run(pod("asking", shell(script)))) == "Succeeded"
    assert hub_trial.log("asking").count("it is web-") == 2


def test_a_pod_that_does_not_fit_waits_until_there_is_room(trial):
    half = {"resources": {"requests": {"cpu": "5"}}}
    trial.start(pod("first", shell("sleep 60", **half), terminationGracePeriodSeconds=1))
    trial.until("first", lambda one: phase(one) == "Running")
    trial.start(pod("second", shell("true", **half)))
    trial.until_event("second", "FailedScheduling", "Insufficient cpu")
    assert condition(trial.look("second"), "PodScheduled") == "False"
    trial.delete("first")
    trial.until("second", lambda one: phase(one) == "Succeeded")


def test_logs_come_over_the_api(trial):
    trial.start(pod("talking", shell("echo one; sleep 1; echo two")))
    trial.until_said("talking", "one")
    assert list(trial.client.log("talking", namespace="default", follow=True)) == ["one\n", "two\n"]
    assert list(trial.client.log("talking", namespace="default")) == ["one\n", "two\n"]
    assert list(trial.client.log("talking", namespace="default", tail_lines=1)) == ["two\n"]


def test_a_pod_that_is_removed_by_force_is_gone_with_its_processes(trial):
    trial.start(pod("forced", shell("exec sleep 61234")))
    trial.until("forced", lambda one: phase(one) == "Running")
    assert processes("61234")
    trial.delete("forced", grace=0)
    until(lambda: not processes("61234"))
    with pytest.raises(ApiError, match="not found"):
        trial.client.get(Pod, "forced", namespace="default")

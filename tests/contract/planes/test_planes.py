"""What tests rely on of a plane: real servers, nothing seen of another test, nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from lightkube.core.exceptions import ApiError
from lightkube.models.authentication_v1 import TokenRequestSpec
from lightkube.models.batch_v1 import JobSpec
from lightkube.models.core_v1 import Container, PodSpec, PodTemplateSpec
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.batch_v1 import Job
from lightkube.resources.core_v1 import ConfigMap, Namespace, Pod, ServiceAccount, ServiceAccountToken

import program
from controlplane.sweep import Baseline
from waiting import until

TESTS = Path(__file__).parents[2]


def _namespace(client, name):
    client.create(Namespace(metadata=ObjectMeta(name=name)))
    until(
        lambda: any(one.metadata.name == "default" for one in client.list(ServiceAccount, namespace=name)), "accounts"
    )


def _gone(client, kind, name, **where):
    try:
        client.get(kind, name, **where)
    except ApiError as error:
        return error.status.code == 404
    return False


def test_each_cluster_has_objects_of_its_own(plane):
    plane.hub.client.create(ConfigMap(metadata=ObjectMeta(name="only-here", namespace="default")))
    assert _gone(plane.clusters["cluster1"].client, ConfigMap, "only-here", namespace="default")


def test_a_service_account_s_token_has_the_account_s_rights_and_no_others(plane, tmp_path):
    client = plane.hub.client
    _namespace(client, "team")
    client.create(ServiceAccount(metadata=ObjectMeta(name="robot", namespace="team")))
    asked = ServiceAccountToken(metadata=ObjectMeta(), spec=TokenRequestSpec(audiences=[]))
    token = client.create(asked, "robot", namespace="team").status.token
    robot = plane.hub.client_of(plane.hub.token_kubeconfig(tmp_path / "robot.kubeconfig", token))
    with pytest.raises(ApiError, match="system:serviceaccount:team:robot"):
        list(robot.list(ConfigMap, namespace="team"))


def test_owners_take_what_they_own_along_and_namespaces_end(plane):
    client = plane.hub.client
    _namespace(client, "team")
    owner = client.create(ConfigMap(metadata=ObjectMeta(name="owner", namespace="team")))
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner.metadata.uid}
    metadata = {"name": "owned", "namespace": "team", "ownerReferences": [reference]}
    client.create(ConfigMap.from_dict({"metadata": metadata}))
    client.delete(ConfigMap, "owner", namespace="team")
    until(lambda: _gone(client, ConfigMap, "owned", namespace="team"), "the garbage collector")
    client.delete(Namespace, "team")
    until(lambda: _gone(client, Namespace, "team"), "the end of the namespace")


def test_a_job_makes_its_pod(plane):
    client = plane.clusters["cluster1"].client
    _namespace(client, "team")
    pod = PodSpec(containers=[Container(name="main", image="none")], restartPolicy="Never")
    spec = JobSpec(template=PodTemplateSpec(spec=pod))
    client.create(Job(metadata=ObjectMeta(name="train", namespace="team"), spec=spec))
    until(lambda: list(client.list(Pod, namespace="team", labels={"job-name": "train"})), "the job's pod")


def test_nothing_of_a_test_is_seen_by_the_next(plane):
    client = plane.hub.client
    before = Baseline(plane.hub)
    _namespace(client, "team")
    client.create(ConfigMap(metadata=ObjectMeta(name="held", namespace="team", finalizers=["covey.test/never"])))
    account = client.get(ServiceAccount, "default", namespace="kube-system")
    account.metadata.labels = {"touched": "yes"}
    client.replace(account)
    client.delete(ConfigMap, "extension-apiserver-authentication", namespace="kube-system")

    before.restore()
    assert _gone(client, Namespace, "team")
    assert not client.get(ServiceAccount, "default", namespace="kube-system").metadata.labels
    assert client.get(ConfigMap, "extension-apiserver-authentication", namespace="kube-system").data
    before.close()


def test_kubernetes_never_empties_a_namespace_that_a_sweep_takes_away(plane):
    """It would do so seconds later and by its name, with the objects of the next test in it."""
    client = plane.hub.client
    before = Baseline(plane.hub)
    _namespace(client, "team")
    client.create(ConfigMap(metadata=ObjectMeta(name="left", namespace="team")))
    started = client.get(Namespace, "team").metadata.resourceVersion

    before.restore()
    before.close()
    ending = []
    for event, one in client.watch(Namespace, fields={"metadata.name": "team"}, resource_version=started):
        if event == "DELETED":
            break
        ending += [one] if one.metadata.deletionTimestamp else []
    assert ending
    assert not any(one.spec.finalizers for one in ending)


@pytest.mark.usefixtures("plane")  # skips where there are no servers
def test_ctrl_c_ends_a_plane_also_while_it_starts(tmp_path):
    """`make plane`; what a killed starter leaves behind is asked of a plane with nodes, in `test_node_endings.py`."""
    folder, out = tmp_path / "own", tmp_path / "out"
    with _started(folder, out) as starter:
        try:
            until(lambda: len(_of(folder)) > 1, "etcd")
            starter.send_signal(signal.SIGINT)
            assert starter.wait(20) == 130
        finally:
            starter.kill()
    assert "export KUBECONFIG" not in out.read_text()
    until(lambda: not _of(folder), "the end of all servers")


def test_a_plane_with_its_keys_is_not_made_where_others_may_enter(tmp_path):
    folder, out = tmp_path / "open", tmp_path / "out"
    folder.mkdir()
    folder.chmod(0o755)
    with _started(folder, out) as starter:
        assert starter.wait(20) == 1
    assert f"chmod 700 {folder}" in out.read_text()
    assert not list(folder.iterdir())


def _started(folder, out):
    words = [sys.executable, "-m", "controlplane", "--bare", "--spokes", "1", "--folder", folder]
    env = {**program.unmeasured(os.environ), "PYTHONPATH": str(TESTS)}
    with out.open("wb") as said:
        return subprocess.Popen(words, env=env, stdout=said, stderr=said)


def _of(folder):
    """Processes with that folder on their command line."""
    found = []
    for one in Path("/proc").iterdir():
        try:
            if one.name.isdigit() and str(folder).encode() in (one / "cmdline").read_bytes():
                found.append(one.name)
        except OSError:
            continue
    return found

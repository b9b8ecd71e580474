"""What Pods see of ConfigMaps, Secrets, claims and themselves; and how they wait for what is not there."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from json import loads

import pytest
from lightkube.core.exceptions import ApiError
from lightkube.models.core_v1 import PersistentVolumeClaimSpec, VolumeResourceRequirements
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import ConfigMap, PersistentVolume, PersistentVolumeClaim, Pod

from controlplane.node.trials import condition, container, ended, phase, pod, shell, waiting

FOREVER = "while :; do sleep 0.1; done"
WATCH = "while :; do cat /v/* 2>/dev/null; sleep 0.1; done"


def mounted(script, volume, *, path="/v", **more):
    mount = {"name": "v", "mountPath": path, **more}
    return [shell(script, volumeMounts=[mount])], {"volumes": [{"name": "v", **volume}]}


def with_volume(name, script, volume, **more):
    containers, spec = mounted(script, volume, **more)
    return pod(name, *containers, **spec)


def test_files_and_environment_come_from_config_maps_and_secrets(trial):
    trial.config_map("settings", a="1", b="2")
    trial.secret("keys", token="s3cret")  # noqa: S106 - made here
    from_map = {"name": "A", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "a"}}}
    from_secret = {"name": "T", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "token"}}}
    both = {"name": "BOTH", "value": "$(A)-$(T)-$(NONE)"}
    made = shell(
        'echo "$BOTH $ALL_b"; cat /v/a; echo; ls /v; stat -L -c %a /v/a',
        env=[from_map, from_secret, both],
        envFrom=[{"prefix": "ALL_", "configMapRef": {"name": "settings"}}],
        volumeMounts=[{"name": "v", "mountPath": "/v"}],
    )
    trial.run(pod("both", made, volumes=[{"name": "v", "configMap": {"name": "settings", "defaultMode": 0o444}}]))
    assert trial.log("both") == "1-s3cret-$(NONE) 2\n1\na\nb\n444\n"


def test_a_missing_config_map_is_waited_for(trial):
    trial.start(with_volume("patient", "cat /v/a", {"configMap": {"name": "later"}}))
    trial.until_event("patient", "FailedMount", 'configmap "later" not found')
    found = trial.look("patient")
    assert phase(found) == "Pending"
    assert waiting(found) == "ContainerCreating"
    trial.config_map("later", a="here")
    trial.until("patient", lambda one: phase(one) == "Succeeded")
    assert trial.log("patient") == "here"


def test_a_missing_secret_in_the_environment_is_waited_for(trial):
    env = [{"name": "T", "valueFrom": {"secretKeyRef": {"name": "later", "key": "t"}}}]
    trial.start(pod("patient", shell("echo $T", env=env)))
    found = trial.until("patient", lambda one: waiting(one) == "CreateContainerConfigError")
    assert container(found)["state"]["waiting"]["message"] == 'secret "later" not found'
    trial.secret("later", t="now")
    trial.until("patient", lambda one: phase(one) == "Succeeded")
    assert trial.log("patient") == "now\n"


def test_what_is_optional_may_be_missing(trial):
    volume = {"configMap": {"name": "never", "optional": True}}
    assert phase(trial.run(with_volume("easy", "test -z $(ls /v)", volume))) == "Succeeded"


def test_changes_of_a_secret_arrive_in_the_volume_all_at_once(trial):
    trial.secret("keys", a="old-", b="old\n")
    trial.start(with_volume("watching", WATCH, {"secret": {"secretName": "keys"}}))
    trial.until_said("watching", "old-old\n")
    trial.secret("keys", a="new-", b="new\n")
    assert "old-new" not in trial.until_said("watching", "new-new\n")


def test_a_file_by_sub_path_stays_as_it_was(trial):
    trial.config_map("settings", a="old")
    made = with_volume("fixed", f"cat /a; {FOREVER}", {"configMap": {"name": "settings"}}, path="/a", subPath="a")
    made["spec"]["containers"][0]["volumeMounts"].append({"name": "v", "mountPath": "/v"})
    made["spec"]["containers"][0]["command"][2] = "until grep -q new /v/a; do sleep 0.1; done; cat /a"
    trial.start(made)
    trial.until("fixed", lambda one: condition(one, "Ready") == "True")
    trial.config_map("settings", a="new")
    trial.until("fixed", lambda one: phase(one) == "Succeeded")
    assert trial.log("fixed") == "old"


def test_a_pod_reads_about_itself_and_sees_its_labels_change(trial):
    items = [{"path": name, "fieldRef": {"fieldPath": f"metadata.{name}"}} for name in ("labels", "name")]
    said = "metadata.annotations['covey.dev/x']"
    items.append({"path": "note", "fieldRef": {"fieldPath": said}})
    made = with_volume("mirror", WATCH, {"downwardAPI": {"items": items}})
    made["metadata"] |= {"labels": {"app": "mirror"}, "annotations": {"covey.dev/x": '{"a": 1}'}}
    trial.start(made)
    assert '{"a": 1}' in trial.until_said("mirror", 'app="mirror"')
    trial.client.patch(Pod, "mirror", {"metadata": {"labels": {"app": "other"}}}, namespace="default")
    trial.until_said("mirror", 'app="other"')


def test_the_environment_knows_the_pod_and_its_limits(trial):
    fields = {"NAME": "metadata.name", "NODE": "spec.nodeName", "IP": "status.podIP", "SPACE": "metadata.namespace"}
    env = [{"name": key, "valueFrom": {"fieldRef": {"fieldPath": path}}} for key, path in fields.items()]
    amount = {"resource": "limits.memory", "divisor": "1Mi"}
    env.append({"name": "MEMORY", "valueFrom": {"resourceFieldRef": amount}})
    limits = {"cpu": "100m", "memory": "64Mi"}
    script = 'echo "$NAME $NODE $SPACE $MEMORY"; test $IP = $(hostname -i)'
    found = trial.run(pod("self", shell(script, env=env, resources={"limits": limits})))
    assert trial.log("self") == "self node-1 default 64\n"
    assert ended(found)["exitCode"] == 0


def test_a_projected_token_is_bound_to_the_pod_and_opens_the_api(trial):
    sources = [
        {"serviceAccountToken": {"path": "token", "expirationSeconds": 3600}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"fieldPath": "metadata.namespace"}}]}},
    ]
    script = (
        "cat /v/namespace; echo; cat /v/token; echo;"
        'curl -s --cacert /v/ca.crt -H "Authorization: Bearer $(cat /v/token)"'
        " https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT/api/v1/namespaces/default/secrets"
    )
    trial.run(with_volume("holder", script, {"projected": {"sources": sources}}))
    space, token, answer = trial.log("holder").split("\n", 2)
    assert space == "default"
    claims = loads(urlsafe_b64decode(token.split(".")[1] + "=="))
    assert claims["kubernetes.io"]["pod"]["name"] == "holder"
    assert "system:serviceaccount:default:default" in answer  # known by name, and without rights


def test_a_claim_keeps_its_files_from_pod_to_pod(trial):
    storage = VolumeResourceRequirements(requests={"storage": "1Gi"})
    spec = PersistentVolumeClaimSpec(accessModes=["ReadWriteOnce"], resources=storage)
    trial.client.create(PersistentVolumeClaim(metadata=ObjectMeta(name="model", namespace="default"), spec=spec))
    volume = {"persistentVolumeClaim": {"claimName": "model"}}
    assert phase(trial.run(with_volume("writer", "echo kept > /v/f", volume))) == "Succeeded"
    trial.run(with_volume("reader", "cat /v/f; touch /v/g", volume, readOnly=True))
    assert trial.log("reader").startswith("kept\n")
    assert "Read-only file system" in trial.log("reader")
    claim = trial.client.get(PersistentVolumeClaim, "model", namespace="default")
    assert claim.status.phase == "Bound"
    assert trial.client.get(PersistentVolume, claim.spec.volumeName).spec.claimRef.name == "model"


def test_a_pod_whose_claim_is_missing_is_not_scheduled(trial):
    trial.start(with_volume("claimless", "true", {"persistentVolumeClaim": {"claimName": "none"}}))
    trial.until_event("claimless", "FailedScheduling", 'persistentvolumeclaim "none" not found')
    assert condition(trial.look("claimless"), "PodScheduled") == "False"


def test_memory_that_is_full_says_so_and_a_full_disk_evicts(trial):
    memory = {"emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}}
    trial.run(with_volume("small", "head -c 2M /dev/zero > /v/f || echo full", memory))
    assert "full" in trial.log("small")
    disk = {"emptyDir": {"sizeLimit": "1Mi"}}
    trial.start(with_volume("big", f"head -c 2M /dev/zero > /v/f; {FOREVER}", disk))
    found = trial.until("big", lambda one: phase(one) == "Failed")
    assert found["status"]["reason"] == "Evicted"
    assert 'EmptyDir volume "v" exceeds the limit "1Mi"' in found["status"]["message"]


def test_config_maps_of_others_are_not_for_this_node(trial):
    """The agent has a kubelet's rights, so a Pod's volumes are all that it may read."""
    trial.config_map("foreign", a="1")
    kubeconfig = trial.node.folder / "kubeconfig"
    client = trial.node.cluster.client_of(kubeconfig)
    with pytest.raises(ApiError, match="forbidden"):
        client.get(ConfigMap, "foreign", namespace="default")

"""A job's objects: what reviewers and the hub rely on."""

from __future__ import annotations

import dataclasses
import json

import pytest
import yaml

from covey_core.launch.start import parse
from covey_core.manifests import digest
from covey_core.model.dataset import Grant
from covey_core.model.job import Gpus, JobListener, Privacy
from covey_core.model.listener import ListenerType
from covey_core.render import job_inputs, read_stamp, render_job
from covey_transport.proxy.rules import parse_rules, rules_data
from fleets import DATA_SET, FLEET, JOB, RUNTIME


def rendered(job=JOB, *, fleet=FLEET, data_set=DATA_SET, version="1"):
    files = render_job(job, fleet=fleet, data_set=data_set, runtime=RUNTIME, version=version)
    return {file.path.rpartition("/")[2]: file for file in files}


def objects(*args, **kwargs):
    return {name: yaml.safe_load(file.text) for name, file in rendered(*args, **kwargs).items()}


def templates(all_objects):
    work = all_objects["manifestworkreplicaset-digits.yaml"]["spec"]["manifestWorkTemplate"]["workload"]["manifests"]
    return {"aggregator": all_objects["podtemplate-digits-aggregator.yaml"], "collaborator": work[0]}


def test_these_files_make_a_job():
    assert sorted(rendered()) == [
        "federatedlearning-digits.yaml",
        "manifestworkreplicaset-digits.yaml",
        "persistentvolumeclaim-digits-model.yaml",
        "placement-digits.yaml",
        "podtemplate-digits-aggregator.yaml",
        "service-digits-listener.yaml",
    ]


def test_text_and_value_say_the_same():
    for file in rendered().values():
        assert yaml.safe_load(file.text) == file.value


def test_the_replica_set_carries_the_collaborators_template_and_nothing_else():
    work = objects()["manifestworkreplicaset-digits.yaml"]["spec"]["manifestWorkTemplate"]["workload"]["manifests"]

    assert [(one["kind"], one["metadata"]["name"]) for one in work] == [("PodTemplate", "digits-collaborator")]


@pytest.mark.parametrize("side", ["aggregator", "collaborator"])
def test_both_the_learning_and_the_template_name_the_templates_digest(side):
    whole = objects()
    template = templates(whole)[side]
    own = digest(template["template"])

    assert template["metadata"]["annotations"]["covey.dev/template-digest"] == own
    assert whole["federatedlearning-digits.yaml"]["spec"]["covey"]["templates"][side] == own


def test_every_object_carries_the_digest_of_its_inputs_and_of_itself():
    inputs = job_inputs(JOB, fleet=FLEET, data_set=DATA_SET)

    for file in rendered().values():
        stamp = read_stamp(file.text)
        assert stamp.inputs == inputs
        assert stamp.intact


def test_an_edit_by_hand_shows_without_rendering():
    for file in rendered().values():
        assert not read_stamp(file.text.replace("digits", "digitz", 1)).intact


def test_the_marker_is_the_digest_of_spec_covey():
    learning = objects()["federatedlearning-digits.yaml"]

    assert learning["metadata"]["annotations"]["covey.dev/spec-digest"] == digest(learning["spec"]["covey"])
    assert learning["spec"]["framework"] == "flower"
    assert not {"server", "client"} & learning["spec"].keys()


def test_no_value_is_null():
    def nulls(value):
        if isinstance(value, dict):
            return any(nulls(one) for one in value.values())
        return value is None or (isinstance(value, list) and any(nulls(one) for one in value))

    assert not any(nulls(one) for one in objects().values())


@pytest.mark.parametrize("side", ["aggregator", "collaborator"])
def test_pods_are_restricted(side):
    spec = templates(objects())[side]["template"]["spec"]

    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not {"hostNetwork", "hostPID", "hostIPC", "hostUsers"} & spec.keys()
    allowed = {"configMap", "downwardAPI", "emptyDir", "persistentVolumeClaim", "projected", "secret"}
    assert all(len(volume.keys() & allowed) == 1 for volume in spec["volumes"])
    for container in (*spec["containers"], *spec["initContainers"]):
        context = container["securityContext"]
        assert context["allowPrivilegeEscalation"] is False
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert context["readOnlyRootFilesystem"] is True
        assert "@sha256:" in container["image"]
        assert not any("hostPort" in port for port in container.get("ports", []))


@pytest.mark.parametrize("side", ["aggregator", "collaborator"])
def test_the_proxy_alone_mounts_the_key_and_the_token(side):
    spec = templates(objects())[side]["template"]["spec"]
    (launcher,), (proxy,) = spec["containers"], spec["initContainers"]
    mounted = {mount["name"] for mount in launcher["volumeMounts"]}

    assert proxy["restartPolicy"] == "Always"
    assert "tls" in {mount["name"] for mount in proxy["volumeMounts"]}
    assert not {"tls", "token", "proxy", "net"} & mounted
    assert spec["automountServiceAccountToken"] is False


def test_the_collaborators_pod_has_no_token_at_all():
    volumes = templates(objects())["collaborator"]["template"]["spec"]["volumes"]

    assert not any("projected" in volume for volume in volumes)


def test_a_collaborator_reads_only_its_own_jobs_data():
    spec = templates(objects())["collaborator"]["template"]["spec"]
    claims = [volume["persistentVolumeClaim"] for volume in spec["volumes"] if "persistentVolumeClaim" in volume]

    assert claims == [{"claimName": "data-digits", "readOnly": True}]


@pytest.mark.parametrize("side", ["aggregator", "collaborator"])
def test_start_data_is_what_the_launchers_contract_says(side):
    start = json.loads(templates(objects())[side]["template"]["metadata"]["annotations"]["covey.dev/start"])

    assert start == {
        "contract": 1,
        "side": side,
        "run": {"namespace": "vision", "job": "digits", "number": 1},
        "runtime": "flower",
        "rounds": 5,
        "minimum": 2,
        "minimumPerRound": 2,
        "configuration": {},
        "image": JOB.app.image.partition("@")[2],
        "ports": {"proxy": 8443, "runtime": 18080, "session": 18081},
        "timeouts": {"waiting": 86400, "round": 3600, "run": 604800},
        "proxy": dict(RUNTIME.proxy),
    }


@pytest.mark.parametrize("side", ["aggregator", "collaborator"])
def test_the_launchers_and_the_proxies_understand_the_start_data(side):
    rendered = json.loads(templates(objects())[side]["template"]["metadata"]["annotations"]["covey.dev/start"])
    made = {**rendered, "self": "site-1", "run": {**rendered["run"], "uid": "0d6c1f8a"}}  # what the Job's maker adds

    start = parse(json.dumps(made).encode())

    assert (start.side, start.runtime, start.rounds) == (side, JOB.runtime, JOB.rounds)
    assert rules_data(parse_rules(start.proxy, "proxy")) == start.proxy


def test_privacy_is_part_of_the_start_data():
    job = dataclasses.replace(JOB, privacy=Privacy(4, 1e-5, 1, 1.5))
    start = json.loads(
        templates(objects(job))["collaborator"]["template"]["metadata"]["annotations"]["covey.dev/start"]
    )

    assert start["privacy"] == {"epsilon": 4, "delta": 1e-5, "clippingNorm": 1, "noiseMultiplier": 1.5}


def test_the_model_outlives_the_job():
    claim = objects()["persistentvolumeclaim-digits-model.yaml"]

    assert claim["metadata"]["annotations"]["argocd.argoproj.io/sync-options"] == "Prune=false,Delete=false"


def test_only_what_the_world_makes_healthy_stands_in_the_last_wave():
    waves = {name: one["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"] for name, one in objects().items()}

    assert waves == {
        "service-digits-listener.yaml": "-1",
        "podtemplate-digits-aggregator.yaml": "-1",
        "persistentvolumeclaim-digits-model.yaml": "0",
        "placement-digits.yaml": "0",
        "manifestworkreplicaset-digits.yaml": "0",
        "federatedlearning-digits.yaml": "0",
    }


def test_placement_takes_granted_clusters_that_claim_the_data_and_no_number():
    spec = objects()["placement-digits.yaml"]["spec"]
    selector = spec["predicates"][0]["requiredClusterSelector"]

    assert selector["celSelector"]["celExpressions"] == ['managedCluster.metadata.name in ["a", "b", "c"]']
    assert selector["claimSelector"]["matchExpressions"] == [
        {"key": "digits.data.covey.dev", "operator": "In", "values": ["present"]},
    ]
    assert "numberOfClusters" not in spec
    assert "prioritizerPolicy" not in spec


def test_gpus_are_limits_of_the_collaborator_only():
    job = dataclasses.replace(JOB, collaborator=dataclasses.replace(JOB.collaborator, gpus=Gpus(2, "nvidia.com/gpu")))
    both = templates(objects(job))
    amounts = {
        side: one["template"]["spec"]["containers"][0]["resources"]["limits"].get("nvidia.com/gpu")
        for side, one in both.items()
    }

    assert amounts == {"aggregator": None, "collaborator": "2"}


@pytest.mark.parametrize(
    ("kind", "service_type", "wave"),
    [
        (ListenerType.NODE_PORT, "NodePort", "-1"),
        (ListenerType.LOAD_BALANCER, "LoadBalancer", "0"),
        (ListenerType.ROUTE, "ClusterIP", "-1"),
    ],
)
def test_a_job_may_choose_its_listener(kind, service_type, wave):
    fleet = dataclasses.replace(FLEET, listener=dataclasses.replace(FLEET.listener, domain="apps.example"))
    whole = objects(dataclasses.replace(JOB, listener=JobListener(kind, 0)), fleet=fleet)
    service = whole["service-digits-listener.yaml"]

    assert service["spec"]["type"] == service_type
    assert service["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"] == wave
    assert ("route-digits-listener.yaml" in whole) is (kind is ListenerType.ROUTE)


def test_a_route_passes_tls_through():
    fleet = dataclasses.replace(
        FLEET,
        listener=dataclasses.replace(FLEET.listener, type=ListenerType.ROUTE, domain="apps.example"),
    )
    route = objects(fleet=fleet)["route-digits-listener.yaml"]["spec"]

    assert route["host"] == "digits-vision.apps.example"
    assert route["tls"] == {"termination": "passthrough", "insecureEdgeTerminationPolicy": "None"}


@pytest.mark.parametrize(
    "data_set",
    [
        dataclasses.replace(DATA_SET, owner="someone-else"),
        dataclasses.replace(DATA_SET, namespaces=("vision", "driving")),
        dataclasses.replace(DATA_SET, grants=tuple(reversed(DATA_SET.grants))),
    ],
)
def test_what_a_job_does_not_use_of_its_data_set_does_not_change_its_inputs(data_set):
    assert job_inputs(JOB, fleet=FLEET, data_set=data_set) == job_inputs(JOB, fleet=FLEET, data_set=DATA_SET)


def test_a_new_grant_changes_the_inputs():
    data_set = dataclasses.replace(DATA_SET, grants=(*DATA_SET.grants, Grant("d", "")))

    assert job_inputs(JOB, fleet=FLEET, data_set=data_set) != job_inputs(JOB, fleet=FLEET, data_set=DATA_SET)


def test_another_version_changes_nothing_but_the_renderers_name():
    old, new = rendered(version="1"), rendered(version="2")

    for name, file in old.items():
        changed = [
            (before, after)
            for before, after in zip(file.text.splitlines(), new[name].text.splitlines(), strict=True)
            if before != after
        ]
        assert {before.split(":")[0].strip() for before, _ in changed} == {
            "covey.dev/object-digest",
            "covey.dev/rendered-by",
        }

"""`covey doctor --hub` and `covey schema import` against a real API server."""

from __future__ import annotations

import json
from contextlib import closing

import pytest

from acceptance import Hub, all_crds
from covey_core.manifests import to_yaml
from covey_core.names import ANNOTATION_OBJECT
from program import covey

CLUSTER = "cluster.open-cluster-management.io"
BINDING = {
    "apiVersion": f"{CLUSTER}/v1beta2",
    "kind": "ManagedClusterSetBinding",
    "metadata": {
        "name": "hospitals",
        "namespace": "default",
        "labels": {"app.kubernetes.io/managed-by": "covey"},
        "annotations": {ANNOTATION_OBJECT: "sha256:0"},
    },
    "spec": {"clusterSet": "hospitals"},
}


@pytest.fixture
def hub(kinds_plane):
    with closing(Hub(kinds_plane.hub)) as found:
        yield found


@pytest.fixture
def doctor(tmp_path):
    def run(kubeconfig, *more, cwd=tmp_path):
        ended = covey("doctor", "--hub", "--kubeconfig", str(kubeconfig), "--format", "json", *more, cwd=cwd)
        assert ended.stderr == ""
        shown = json.loads(ended.stdout)
        assert ended.returncode == (0 if shown["ok"] else 1)
        return {check["name"]: check for check in shown["checks"]}

    return run


def apply(hub, value, *, manager="argocd-controller", path=None, status=False):
    metadata = value["metadata"]
    inside = f"/namespaces/{metadata['namespace']}" if "namespace" in metadata else ""
    plural = f"{value['kind'].lower()}s"
    path = f"/apis/{value['apiVersion']}{inside}/{plural}/{metadata['name']}{'/status' if status else ''}"
    code, said = hub.rest.ask(
        "PATCH", f"{path}?fieldManager={manager}&force=true", value, kind="application/apply-patch+yaml"
    )
    assert code in {200, 201}, said


def test_an_empty_cluster_lacks_what_covey_needs_and_says_how_to_get_it(doctor, plane):
    checks = doctor(plane.hub.admin)

    assert checks["Kubernetes"]["found"].startswith("v1.")
    assert {name for name, check in checks.items() if check["state"] == "missing"} == {"Covey's kinds", "OCM's kinds"}
    assert "covey schema crds | kubectl apply" in checks["Covey's kinds"]["advice"]
    assert "Placement (cluster.open-cluster-management.io/v1beta1)" in checks["OCM's kinds"]["found"]
    assert checks["policy framework"]["state"] == checks["Argo CD"]["state"] == "optional"


def test_a_hub_is_looked_through(doctor, kinds_plane, hub, tmp_path):
    admin = kinds_plane.hub.admin
    (tmp_path / "covey.yaml").write_text("kind: Fleet\n")
    hospitals = {"apiVersion": f"{CLUSTER}/v1beta2", "kind": "ManagedClusterSet", "metadata": {"name": "hospitals"}}
    cluster = {"apiVersion": f"{CLUSTER}/v1", "kind": "ManagedCluster", "metadata": {"name": "hospital-a"}}
    claims = [{"name": f"c{number:02}", "value": "x"} for number in range(20)]
    apply(hub, hospitals)
    apply(hub, {**cluster, "spec": {"hubAcceptsClient": True}})
    apply(
        hub,
        {**cluster, "status": {"clusterClaims": claims, "conditions": [], "version": {"kubernetes": "v1.27.1"}}},
        status=True,
    )
    apply(hub, BINDING)

    checks = doctor(admin)

    assert [name for name, check in checks.items() if check["state"] == "missing"] == []
    assert checks["FederatedLearning"]["found"] == "its CRD has spec.covey"
    assert checks["claims"]["found"] == "no room for more: hospital-a"
    assert checks["spokes"]["found"] == "too old for jobs: hospital-a (v1.27.1)"
    assert checks["binding"]["found"] == "you may bind hospitals"
    assert checks["owners"]["found"] == "1 rendered object, and nobody else writes into them"

    by_hand = {**BINDING, "metadata": {"name": "hospitals", "namespace": "default"}}
    apply(hub, by_hand, manager="by-hand")

    assert checks != (later := doctor(admin))
    assert later["owners"]["found"] == ("others write into ManagedClusterSetBinding default/hospitals (by-hand: spec)")


def test_a_fleet_s_cluster_sets_and_grants_are_looked_for(doctor, kinds_plane, tmp_path):
    assert covey("init", "fleet", cwd=tmp_path).returncode == 0

    checks = doctor(kinds_plane.hub.admin, cwd=tmp_path / "fleet")

    assert checks["cluster sets"]["state"] == "missing"
    assert "covey.yaml names some that are not there" in checks["cluster sets"]["found"]


def test_what_somebody_may_not_see_is_said_and_the_rest_is_shown(doctor, kinds_plane, tmp_path):
    ada = kinds_plane.hub.kubeconfig(tmp_path / "ada.kubeconfig", "ada")

    checks = doctor(ada)

    assert "may not list managedclusters" in checks["claims"]["found"]
    assert checks["OCM's kinds"]["state"] == "ok"
    assert "can't be looked at" in checks["ManifestWorkReplicaSet"]["found"]
    assert checks["rights"]["state"] == "optional"


def test_the_schemas_of_a_hub_are_used_from_then_on(plane, tmp_path):
    crd = next(crd for crd in all_crds() if crd["spec"]["names"]["kind"] == "DataSet")
    own = json.loads(
        json.dumps(crd).replace('"covey.dev"', '"own.example"').replace("datasets.covey.dev", "datasets.own.example")
    )
    with closing(Hub(plane.hub)) as hub:
        hub.install([own])
    (tmp_path / "covey.yaml").write_text("kind: Fleet\n")
    value = {"apiVersion": "own.example/v1alpha1", "kind": "DataSet", "metadata": {"name": "x"}, "spec": {"ownr": "a"}}
    (tmp_path / "x.yaml").write_text(to_yaml(value))
    assert "no schema" in covey("validate", "x.yaml", cwd=tmp_path).stdout

    done = covey("schema", "import", "--kubeconfig", str(plane.hub.admin), "--context", "plane", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert "own.example/v1alpha1/DataSet.json" in done.stdout
    assert "did you mean `owner`?" in covey("validate", "x.yaml", cwd=tmp_path).stdout
    assert "imported from the hub plane" in covey("schema", "list", cwd=tmp_path).stdout


def test_a_hub_without_any_crd_has_nothing_to_import(plane, tmp_path):
    (tmp_path / "covey.yaml").write_text("kind: Fleet\n")

    done = covey("schema", "import", "--kubeconfig", str(plane.hub.admin), cwd=tmp_path)

    assert done.returncode == 1
    assert "There is no CustomResourceDefinition on it." in done.stdout
    assert not (tmp_path / "schemas").exists()


@pytest.mark.parametrize("words", [("doctor", "--hub"), ("schema", "import")])
def test_a_hub_that_cannot_be_used_is_one_sentence(plane, tmp_path, words):
    (tmp_path / "covey.yaml").write_text("kind: Fleet\n")
    text = plane.hub.admin.read_text(encoding="utf-8")
    refused = tmp_path / "refused"
    refused.write_text(text.replace(json.loads(text)["users"][0]["user"]["client-key-data"], "eA=="))
    away = tmp_path / "away"
    away.write_text(text.replace(str(plane.hub.port), "9"))
    for path, told in (
        (refused, "can't be used"),
        (away, "can't be reached"),
        (tmp_path / "none", "There is no kubeconfig"),
    ):
        ended = covey(*words, "--kubeconfig", str(path), cwd=tmp_path)
        assert ended.returncode == 1
        assert ended.stdout == ""
        first, *rest = ended.stderr.splitlines()
        assert first.startswith("error: ")
        assert told in first
        assert all(line.startswith("hint: ") for line in rest)

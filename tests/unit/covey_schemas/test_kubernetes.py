"""The generated schemas of Kubernetes' kinds, on manifests as people write them."""

from __future__ import annotations

import hashlib

import jsonschema_rs
import pytest

from covey_schemas import catalog, kubernetes
from covey_schemas.model import KindName


def deployment(container, **spec):
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "creationTimestamp": None, "labels": {"app": "web"}},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "web", "image": "web:1", **container}]},
            },
            **spec,
        },
        "status": {},
    }


def errors(item):
    found = catalog.bundled().find(KindName.of(item["apiVersion"], item["kind"]))
    return [
        ("/".join(map(str, error.instance_path)), error.message)
        for error in jsonschema_rs.Draft202012Validator(found.schema).iter_errors(item)
    ]


def test_the_stored_digests_and_version_fit_the_data():
    index = kubernetes.index()
    stored = {
        path.name: "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
        for path in kubernetes.FOLDER.glob("*.json")
        if path.name != "index.json"
    }
    assert index["digests"] == stored
    assert index["version"] == "1.36.3"
    assert "k8s.io/kubernetes@v1.36.3" in index["notice"]


def test_the_generated_data_is_small_and_without_prose():
    texts = [path.read_text(encoding="utf-8") for path in kubernetes.FOLDER.glob("*.json")]
    assert sum(map(len, texts)) < 500_000
    assert not any('"description":"' in text for text in texts)


def test_an_ordinary_deployment_is_accepted():
    assert errors(deployment({"resources": {"limits": {"cpu": 1, "memory": "2Gi"}}, "command": None})) == []


def test_a_misspelt_field_six_levels_deep_is_found():
    assert errors(deployment({"securityContext": {"capabilities": {"dropp": ["ALL"]}}})) == [
        (
            "spec/template/spec/containers/0/securityContext/capabilities",
            "Additional properties are not allowed ('dropp' was unexpected)",
        ),
    ]


@pytest.mark.parametrize(
    ("container", "path"),
    [
        ({"imagePullPolicy": "Allways"}, "imagePullPolicy"),
        ({"ports": [{"containerPort": "80"}]}, "ports/0/containerPort"),
        ({"ports": [{"containerPort": 2**31}]}, "ports/0/containerPort"),
        ({"env": [{"name": "A", "value": 1}]}, "env/0/value"),
        ({"args": [None]}, "args/0"),
        ({"name": None}, "name"),
    ],
)
def test_a_wrong_value_is_found_at_its_place(container, path):
    assert [place for place, _ in errors(deployment(container))] == [f"spec/template/spec/containers/0/{path}"]


def test_a_missing_field_is_found():
    item = deployment({})
    del item["spec"]["selector"]
    assert errors(item) == [("spec", '"selector" is a required property')]


def test_a_manifest_must_have_metadata_and_the_right_kind():
    found = catalog.bundled().find(KindName("", "v1", "ConfigMap"))
    validator = jsonschema_rs.Draft202012Validator(found.schema)
    assert validator.is_valid({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}})
    assert not validator.is_valid({"apiVersion": "v1", "kind": "ConfigMap"})
    assert not validator.is_valid({"apiVersion": "v1", "kind": "Secret", "metadata": {}})


@pytest.mark.parametrize(
    "quantity", [1, 0.5, "1", "1.5", "1.", ".5", "-1", "+1", "100m", "2Gi", "1e3", "1E3", "1E", "5k"]
)
def test_quantities_as_kubernetes_reads_them_are_accepted(quantity):
    assert errors(deployment({"resources": {"requests": {"cpu": quantity}}})) == []


@pytest.mark.parametrize("quantity", ["", "Gi", "1Gb", "1 Gi", "1K", "2GiB", "1e", "one", True, None, []])
def test_other_quantities_are_refused(quantity):
    assert len(errors(deployment({"resources": {"requests": {"cpu": quantity}}}))) == 1


@pytest.mark.parametrize(
    ("text", "ok"),
    [
        ("", True),
        ("c2VjcmV0", True),
        ("YQ==", True),
        ("YWI=\n", True),
        ("secret", False),
        ("YQ=", False),
        ("a b=", False),
    ],
)
def test_the_data_of_a_secret_is_base64(text, ok):
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "data": {"key": text}}
    assert (errors(secret) == []) is ok


def test_a_rollout_may_be_given_as_a_number_or_as_text():
    for value in (1, "25%"):
        assert errors(deployment({}, strategy={"rollingUpdate": {"maxSurge": value}})) == []
    assert len(errors(deployment({}, strategy={"rollingUpdate": {"maxSurge": 1.5}}))) == 1


def test_an_empty_text_means_not_given_where_go_can_not_tell():
    assert errors(deployment({"imagePullPolicy": ""})) == []
    assert len(errors(deployment({}, strategy={"type": "Rolling"}))) == 1


def crd(schema):
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.dev"},
        "spec": {
            "group": "example.dev",
            "names": {"kind": "Widget", "plural": "widgets"},
            "scope": "Namespaced",
            "versions": [
                {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}},
            ],
        },
    }


def test_a_crd_is_checked_down_to_the_last_level_of_its_schema():
    good = {"type": "object", "properties": {"a": {"type": "array", "items": {"default": [1], "type": "string"}}}}
    assert errors(crd(good | {"additionalProperties": True})) == []
    bad = {"type": "object", "properties": {"a": {"type": "array", "items": {"maxLenght": 3}}}}
    assert errors(crd(bad)) == [
        (
            "spec/versions/0/schema/openAPIV3Schema/properties/a/items",
            "Additional properties are not allowed ('maxLenght' was unexpected)",
        ),
    ]


@pytest.mark.parametrize(
    ("group", "version", "kind", "namespaced"),
    [
        ("", "v1", "Namespace", False),
        ("", "v1", "Node", False),
        ("", "v1", "PersistentVolume", False),
        ("", "v1", "PersistentVolumeClaim", True),
        ("", "v1", "PodTemplate", True),
        ("apps", "v1", "Deployment", True),
        ("apps", "v1", "DeploymentList", True),
        ("certificates.k8s.io", "v1", "CertificateSigningRequest", False),
        ("rbac.authorization.k8s.io", "v1", "ClusterRole", False),
        ("rbac.authorization.k8s.io", "v1", "Role", True),
    ],
)
def test_kinds_know_whether_they_live_in_a_namespace(group, version, kind, namespaced):
    assert catalog.bundled().find(KindName(group, version, kind)).namespaced is namespaced


def test_subresources_are_no_kinds_of_their_own():
    for kind in (("policy", "v1", "Eviction"), ("autoscaling", "v1", "Scale"), ("", "v1", "DeleteOptions")):
        assert catalog.bundled().find(KindName(*kind)) is None

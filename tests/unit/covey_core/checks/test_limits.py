"""Limits of the API servers and references inside a rendered tree."""

from __future__ import annotations

import pytest

from covey_core.checks.limits import limit_findings
from covey_core.checks.references import reference_findings
from covey_core.documents import Document
from covey_core.manifests import to_yaml


def document(value, source="x.yaml"):
    return Document(source, 0, value, to_yaml(value))


def made(kind, *, api_version="v1", name="x", namespace="vision", **body):
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return document({"apiVersion": api_version, "kind": kind, "metadata": metadata, **body}, f"{kind}-{name}.yaml")


def work(manifests, *, kind="ManifestWork", name="x", **names):
    api_version = "work.open-cluster-management.io/v1"
    workload = {"workload": {"manifests": manifests}}
    if kind == "ManifestWorkReplicaSet":
        api_version += "alpha1"
        return made(kind, api_version=api_version, name=name, spec={"manifestWorkTemplate": workload}, **names)
    return made(kind, api_version=api_version, name=name, spec=workload, **names)


def config_map(name, size=0):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"x": "y" * size}}


@pytest.mark.parametrize("kind", ["ManifestWork", "ManifestWorkReplicaSet"])
def test_a_work_over_ocms_limit_is_told_with_its_size(kind):
    (found,) = limit_findings(work([config_map("a", 300_000), config_map("b", 300_000)], kind=kind))

    assert found.rule == "limit/work-size"
    assert found.message == ("The manifests have 600,159 bytes; OCM's webhook takes 512,000 in one ManifestWork.")


def test_a_work_at_the_limit_is_fine():
    empty = limit_findings(work([config_map("a", 511_000)]))

    assert empty == ()


def test_an_object_twice_in_a_work_is_told():
    (found,) = limit_findings(work([config_map("a"), config_map("b"), config_map("a")]))

    assert found.message == "ConfigMap a is in this work twice; OCM's webhook refuses that."
    assert found.pointer == "/spec/workload/manifests/2"


@pytest.mark.parametrize(
    ("one", "length"),
    [
        (work([config_map("a")], kind="ManifestWorkReplicaSet", name="w" * 40, namespace="n" * 23), 64),
        (made("Policy", api_version="policy.open-cluster-management.io/v1", name="p" * 40, namespace="n" * 22), 63),
    ],
)
def test_a_composed_name_over_its_limit_is_told_with_its_length(one, length):
    (found,) = limit_findings(one)

    assert found.rule == "name/too-long"
    assert f"has {length} characters" in found.message


def test_composed_names_at_their_limit_are_fine():
    replica_set = work([config_map("a")], kind="ManifestWorkReplicaSet", name="w" * 40, namespace="n" * 22)
    policy = made("Policy", api_version="policy.open-cluster-management.io/v1", name="p" * 40, namespace="n" * 21)

    assert limit_findings(replica_set) == limit_findings(policy) == ()


def test_annotations_have_a_limit():
    value = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "annotations": {"a": "b" * 262144}}}

    assert [one.rule for one in limit_findings(document(value))] == ["limit/annotations"]


def test_an_object_in_two_files_is_told():
    (found,) = reference_findings([document(config_map("a"), "one.yaml"), document(config_map("a"), "two.yaml")])

    assert (found.rule, found.file) == ("reference/twice", "two.yaml")
    assert found.message == "ConfigMap a is also in one.yaml; two applications would fight over it."


PLACEMENTS = "cluster.open-cluster-management.io"
DANGLING = {
    "a replica set's placement": (
        made(
            "ManifestWorkReplicaSet",
            api_version="work.open-cluster-management.io/v1alpha1",
            spec={"placementRefs": [{"name": "gone"}]},
        ),
        "There is no Placement vision/gone in the rendered tree.",
    ),
    "a placement's cluster set": (
        made("Placement", api_version=f"{PLACEMENTS}/v1beta1", spec={"clusterSets": ["gone"]}),
        "There is no ManagedClusterSetBinding vision/gone in the rendered tree.",
    ),
    "a learning's template": (
        made("FederatedLearning", spec={"covey": {"templates": {"aggregator": "d", "collaborator": "d"}}}),
        "There is no PodTemplate vision/x-aggregator in the rendered tree.",
    ),
}


@pytest.mark.parametrize("case", DANGLING)
def test_what_points_at_nothing_is_told(case):
    one, message = DANGLING[case]

    assert [found.message for found in reference_findings([one])] == [message]


def test_a_bindings_placement_and_policy_must_be_there():
    binding = made(
        "PlacementBinding",
        api_version="policy.open-cluster-management.io/v1",
        placementRef={"apiGroup": PLACEMENTS, "kind": "Placement", "name": "gone"},
        subjects=[{"apiGroup": "policy.open-cluster-management.io", "kind": "Policy", "name": "gone"}],
    )

    assert [one.pointer for one in reference_findings([binding])] == ["/placementRef/name", "/subjects/0/name"]


@pytest.mark.parametrize(
    "value",
    [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "annotations": None}},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": None},
        {"apiVersion": "work.open-cluster-management.io/v1", "kind": "ManifestWork", "metadata": {}, "spec": None},
        {"apiVersion": f"{PLACEMENTS}/v1beta1", "kind": "Placement", "metadata": {}, "spec": {"clusterSets": None}},
        {"apiVersion": "x/v1", "kind": "PlacementBinding", "metadata": {}, "subjects": None},
    ],
)
def test_null_means_not_given(value):
    assert limit_findings(document(value)) == ()
    assert {one.rule for one in reference_findings([document(value)])} <= {"reference/dangling"}

"""What `covey doctor --hub` concludes from what it has read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from covey_cli.hub import checks
from covey_cli.hub.diagnosis import judge
from covey_cli.hub.failures import RefusedError
from covey_cli.hub.needs import NEEDS
from covey_cli.hub.owners import owners
from covey_cli.hub.state import State
from covey_core.names import ANNOTATION_OBJECT

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SERVED = frozenset(pair for need in NEEDS for pair in need.kinds)
REFUSED = RefusedError("These credentials may not list them (403).", status=403, hint="Ask for it.")


def state(**objects):
    return State("https://hub.example", "v1.36.3", SERVED, objects=objects)


def replica_set(name, *, conditions=(), created="2026-11-23T08:00:00Z"):
    metadata = {"name": name, "namespace": "vision", "creationTimestamp": created}
    return {"metadata": metadata, "status": {"conditions": list(conditions)}}


def manager(**spec):
    return {"metadata": {"name": "cluster-manager"}, "spec": spec}


def cluster(name, *claims, kubernetes=""):
    told = [{"name": claim, "value": "x"} for claim in claims]
    return {"metadata": {"name": name}, "status": {"clusterClaims": told, "version": {"kubernetes": kubernetes}}}


@pytest.mark.parametrize(
    ("version", "expected"),
    [("v1.36.3", "ok"), ("v1.30.0-rc.1+k3s1", "ok"), ("v1.29.9", "missing"), ("", "ok"), ("odd", "ok")],
)
def test_an_old_kubernetes_is_missing_and_an_unknown_one_is_not(version, expected):
    found = checks.kubernetes(State("https://hub.example", version, SERVED))
    assert found.state == expected
    assert bool(found.advice) is (expected == "missing")


@pytest.mark.parametrize(
    ("image", "expected", "found"),
    [
        ("quay.io/open-cluster-management/work:v1.3.1", "ok", "v1.3.1"),
        ("quay.io/open-cluster-management/work:v0.16.0", "optional", "v0.16.0"),
        ("quay.io/acm/work@sha256:0123", "optional", "does not tell its version"),
        ("registry.example:5000/work", "optional", "does not tell its version"),
    ],
)
def test_ocm_s_version_is_that_of_its_images(image, expected, found):
    check = checks.ocm(state(clustermanagers=[manager(workImagePullSpec=image)]))
    assert (check.state, check.found) == (expected, found)


def test_what_is_not_served_is_named_with_its_version():
    (need,) = (need for need in NEEDS if need.name == "OCM's kinds")
    gone = next(pair for pair in need.kinds if pair[1] == "Placement")
    check = checks.kinds(need, SERVED - {gone})
    assert (check.state, check.found) == (
        "missing",
        "not served: Placement (cluster.open-cluster-management.io/v1beta1)",
    )


def test_upstream_s_own_crd_is_missing_what_is_ours():
    schema = {"openAPIV3Schema": {"properties": {"spec": {"properties": {"framework": {}}}}}}
    crd = {"spec": {"versions": [{"name": "v1alpha1", "schema": schema}]}}
    check = checks.learning_crd(state(customresourcedefinitions=[crd]))
    assert (check.state, check.found) == ("missing", "its CRD (v1alpha1) has no spec.covey")


@pytest.mark.parametrize(
    ("objects", "expected", "found"),
    [
        ({"manifestworkreplicasets": [replica_set("a")]}, "missing", "nobody acts on vision/a"),
        (
            {
                "manifestworkreplicasets": [
                    replica_set("a", conditions=[{}]),
                    replica_set("b", created="2026-11-23T08:59:30Z"),
                ]
            },
            "ok",
            "its controller has answered 1 time",
        ),
        ({"clustermanagers": [manager()]}, "missing", "the feature gate is off"),
        (
            {
                "clustermanagers": [
                    manager(
                        workConfiguration={"featureGates": [{"feature": "ManifestWorkReplicaSet", "mode": "Enable"}]}
                    )
                ]
            },
            "ok",
            "the feature gate is on",
        ),
        ({}, "optional", "nothing shows yet whether its controller runs"),
    ],
)
def test_whether_somebody_acts_on_replica_sets(objects, expected, found):
    check = checks.replica_sets(state(**objects), NOW)
    assert (check.state, check.found) == (expected, found)


def test_claims_for_which_there_is_no_room_are_told_and_lost_grants_are_missing():
    reserved = ["id.k8s.io", "product.open-cluster-management.io"]
    roomy = cluster("roomy", *reserved, *(f"c{number}" for number in range(19)))
    full = cluster("full", *reserved, *(f"c{number}" for number in range(20)))
    told = state(managedclusters=[roomy, full])
    assert checks.claims(state(managedclusters=[roomy]), {}).state == "ok"
    assert checks.claims(told, {"full": ["c1"]}).found == "no room for more: full"
    lost = checks.claims(told, {"full": ["c1", "digits.data.covey.dev"], "roomy": ["digits.data.covey.dev"]})
    assert (lost.state, lost.found) == ("missing", "may have been dropped: full: digits.data.covey.dev")


def test_old_spokes_and_missing_cluster_sets_are_named():
    told = state(managedclusters=[cluster("a", kubernetes="v1.28.1"), cluster("b", kubernetes="v1.29.0")])
    assert checks.spokes(told).found == "too old for jobs: a (v1.28.1)"
    assert checks.spokes(state()) is None
    assert checks.cluster_sets(told, ["hospitals"]).state == "missing"
    assert checks.cluster_sets(told, []) is None


def test_sets_that_may_not_be_bound_are_named():
    told = state()
    assert checks.binding(told).found == "there is no cluster set to bind"
    told.may_bind = {"a": True, "b": False}
    assert checks.binding(told).found == "you may not bind b"


def test_only_those_who_do_not_apply_the_files_are_foreign():
    digest = {"f:metadata": {"f:annotations": {f"f:{ANNOTATION_OBJECT}": {}}}, "f:spec": {}}
    fields = [
        {"manager": "argocd-controller", "fieldsV1": digest},
        {"manager": "placement", "subresource": "status", "fieldsV1": {"f:status": {}}},
        {"manager": "cleaner", "fieldsV1": {"f:metadata": {"f:finalizers": {}}}},
    ]
    value = {"kind": "Placement", "metadata": {"name": "digits", "namespace": "vision", "managedFields": fields}}
    assert owners([value]).state == "ok"
    fields.append({"manager": "kubectl-edit", "fieldsV1": {"f:spec": {"f:numberOfClusters": {}}}})
    assert owners([value]).found == "others write into Placement vision/digits (kubectl-edit: spec)"
    assert owners([]).state == "ok"


def test_what_may_not_be_seen_hides_nothing_else():
    told = state()
    told.unseen = dict.fromkeys(
        (
            "managedclusters",
            "manifestworkreplicasets",
            "managedclustersets",
            "customresourcedefinitions",
            "clustermanagers",
            "bind",
            "ours/placements",
            "ours/services",
        ),
        REFUSED,
    )
    found = {check.name: check for check in judge(told, ("hospitals",), {}, now=NOW)}
    assert {check.state for check in found.values()} == {"ok", "optional"}
    assert found["rights"].advice == "Ask for it."
    for name in ("claims", "FederatedLearning", "OCM", "cluster sets", "binding", "ManifestWorkReplicaSet"):
        assert "may not list" in found[name].found

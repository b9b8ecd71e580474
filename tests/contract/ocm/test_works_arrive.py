"""A work arrives on its spoke: owned by the agent's record of it, in the order of the kinds, with OCM's conditions."""

from __future__ import annotations

import hashlib

import pytest

from controlplane.ocm.kinds import APPLIED_WORK, NAMESPACE
from controlplane.rest import Kind
from ocm_works import CONFIG_MAP, SITE, config_map
from waiting import until

pytestmark = pytest.mark.ocm

_ACCOUNT = Kind("v1", "ServiceAccount", "serviceaccounts", namespaced=True)
_ROLE = Kind("rbac.authorization.k8s.io/v1", "Role", "roles", namespaced=True)
_ROLE_BINDING = Kind("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings", namespaced=True)
_SERVICE = Kind("v1", "Service", "services", namespaced=True)


def test_an_applied_work_says_so_with_ocms_reasons(works):
    works.create("plan", config_map("plan"))

    said = works.wait("plan", "Available")
    assert (said["reason"], said["message"]) == ("ResourcesAvailable", "All resources are available")
    said = works.condition("plan", "Applied")
    assert (said["reason"], said["message"]) == ("AppliedManifestWorkComplete", "Apply manifest work complete")
    assert works.get("plan")["metadata"]["finalizers"] == ["cluster.open-cluster-management.io/manifest-work-cleanup"]


def test_every_manifest_has_its_own_conditions(works):
    works.create("plan", config_map("one"), config_map("two"))
    works.wait("plan", "Available")

    manifest = works.manifest("plan", 1)
    assert manifest["resourceMeta"] == {
        "ordinal": 1,
        "group": "",
        "version": "v1",
        "kind": "ConfigMap",
        "resource": "configmaps",
        "name": "two",
        "namespace": SITE,
    }
    reasons = {kind: (one["status"], one["reason"]) for kind, one in manifest["by_type"].items()}
    assert reasons == {
        "Applied": ("True", "AppliedManifestComplete"),
        "Available": ("True", "ResourceAvailable"),
        "StatusFeedbackSynced": ("True", "NoStatusFeedbackSynced"),
    }


def test_what_arrives_belongs_to_the_agents_record_of_the_work(works):
    works.create("plan", config_map("plan"))
    works.wait("plan")
    applied = until(lambda: _with_resources(works, "plan"))
    arrived = works.spoke.get(CONFIG_MAP, "plan", SITE)

    name = f"{hashlib.sha256(works.hub.url.encode()).hexdigest()}-plan"
    owner = {"apiVersion": "work.open-cluster-management.io/v1", "kind": "AppliedManifestWork", "name": name}
    assert arrived["metadata"]["ownerReferences"] == [{**owner, "uid": applied["metadata"]["uid"]}]
    resource = {"group": "", "version": "v1", "resource": "configmaps", "namespace": SITE, "name": "plan"}
    assert applied["status"]["appliedResources"] == [{**resource, "uid": arrived["metadata"]["uid"]}]
    assert applied["spec"]["hubHash"] == name.removesuffix("-plan")


def test_labels_of_the_work_are_on_the_agents_record(works):
    whole = {"workload": {"manifests": [config_map("plan")]}}
    metadata = {"name": "plan", "namespace": works.cluster, "labels": {"covey.dev/job": "digits"}}
    works.hub.ask(
        "POST",
        f"/apis/{APPLIED_WORK.group_version}/namespaces/{works.cluster}/manifestworks",
        {
            "apiVersion": APPLIED_WORK.group_version,
            "kind": "ManifestWork",
            "metadata": metadata,
            "spec": whole,
        },
    )
    works.wait("plan")
    assert works.applied("plan")["metadata"]["labels"] == {"covey.dev/job": "digits"}


def test_manifests_are_applied_in_the_order_of_their_kinds(works):
    metadata = {"name": "order", "namespace": SITE}
    group = "rbac.authorization.k8s.io"
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}
    role = {"apiVersion": f"{group}/v1", "kind": "Role", "metadata": metadata, "rules": []}
    binding = {
        "apiVersion": f"{group}/v1",
        "kind": "RoleBinding",
        "metadata": metadata,
        "roleRef": {"apiGroup": group, "kind": "Role", "name": "order"},
        "subjects": [],
    }
    service = {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"ports": [{"port": 80}]}}

    works.create("order", service, config_map("order"), account, binding, role)
    works.wait("order")

    kinds = (_ROLE_BINDING, _ROLE, _ACCOUNT, CONFIG_MAP, _SERVICE)
    versions = [int(works.spoke.get(kind, "order", SITE)["metadata"]["resourceVersion"]) for kind in kinds]
    assert versions == sorted(versions)


def test_one_bad_manifest_does_not_keep_the_others(works):
    nope = {"apiVersion": "example.invalid/v1", "kind": "Nope", "metadata": {"name": "x", "namespace": SITE}}
    works.create("bad", config_map("good"), nope, config_map("lost", namespace="does-not-exist"))

    said = works.wait("bad", "Available", "False")
    assert (said["reason"], said["message"]) == ("ResourcesNotAvailable", "1 of 3 resources are not available")
    assert works.condition("bad", "Applied")["reason"] == "AppliedManifestWorkFailed"
    unknown, lost = works.manifest("bad", 1)["by_type"], works.manifest("bad", 2)["by_type"]
    assert unknown["Applied"]["message"] == 'Failed to apply manifest: the server doesn\'t have a resource type "Nope"'
    assert (unknown["Available"]["status"], unknown["Available"]["reason"]) == ("Unknown", "IncompleteResourceMeta")
    assert lost["Applied"]["message"] == 'Failed to apply manifest: namespaces "does-not-exist" not found'
    assert (lost["Available"]["status"], lost["Available"]["reason"]) == ("False", "ResourceNotAvailable")
    assert works.manifest("bad", 0)["by_type"]["Applied"]["status"] == "True"
    assert works.spoke.get(CONFIG_MAP, "good", SITE)


def test_what_fails_is_tried_again(works):
    works.create("early", config_map("early", namespace="later"))
    works.wait("early", "Applied", "False")

    works.spoke.create(NAMESPACE, {"metadata": {"name": "later"}})

    works.wait("early")
    assert works.spoke.get(CONFIG_MAP, "early", "later")


def test_a_changed_work_changes_the_object(works):
    works.create("plan", config_map("plan", {"a": "1", "b": "1"}))
    works.wait("plan")

    works.change("plan", workload={"manifests": [config_map("plan", {"a": "2"})]})

    works.wait("plan")
    assert works.spoke.get(CONFIG_MAP, "plan", SITE)["data"] == {"a": "2"}


def test_a_manifest_that_leaves_the_work_leaves_the_spoke(works):
    works.create("plan", config_map("stays"), config_map("goes"))
    works.wait("plan")

    works.change("plan", workload={"manifests": [config_map("stays")]})

    until(lambda: works.spoke.get(CONFIG_MAP, "goes", SITE) is None)
    assert works.spoke.get(CONFIG_MAP, "stays", SITE)
    works.wait("plan")
    assert len(works.get("plan")["status"]["resourceStatus"]["manifests"]) == 1


def test_an_object_that_was_there_is_taken_over_with_its_labels(works):
    metadata = {"name": "plan", "namespace": SITE, "labels": {"theirs": "1"}, "annotations": {"theirs": "1"}}
    works.spoke.create(CONFIG_MAP, {"metadata": metadata, "data": {"v": "spoke"}})
    ours = config_map("plan")
    ours["metadata"]["labels"] = {"ours": "1"}

    works.create("plan", ours)
    works.wait("plan")

    found = works.spoke.get(CONFIG_MAP, "plan", SITE)
    assert found["data"] == {"v": "hub"}
    assert found["metadata"]["labels"] == {"theirs": "1", "ours": "1"}
    assert found["metadata"]["annotations"] == {"theirs": "1"}
    assert [one["kind"] for one in found["metadata"]["ownerReferences"]] == ["AppliedManifestWork"]


def _with_resources(works, name):
    found = works.applied(name)
    return found if found and found.get("status", {}).get("appliedResources") else None

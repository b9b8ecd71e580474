"""Cluster sets and their bindings, and what OCM's webhooks refuse."""

from __future__ import annotations

import pytest

from controlplane.ocm.api import Refused
from controlplane.ocm.kinds import (
    BINDING,
    CLUSTER,
    CLUSTER_SET,
    CLUSTERS,
    ROLE,
)
from ocm_hub import condition
from waiting import until

pytestmark = pytest.mark.ocm


def test_the_sets_default_and_global_are_always_there_and_count_their_clusters(hub):
    wanted = ("False", "ClustersSelected", "2 ManagedClusters selected")
    for name in ("default", "global"):
        until(lambda name=name: condition(hub.get(CLUSTER_SET, name), "ClusterSetEmpty") == wanted)
    selector = hub.get(CLUSTER_SET, "global")["spec"]["clusterSelector"]
    assert selector == {"selectorType": "LabelSelector", "labelSelector": {}}


def test_a_binding_says_whether_its_set_is_there(hub):
    hub.create(BINDING, {"metadata": {"name": "soon", "namespace": "default"}, "spec": {"clusterSet": "soon"}})
    until(lambda: _bound(hub)[:2] == ("False", "ClusterSetNotFound"), told=lambda: _bound(hub))
    selector = {"selectorType": "ExclusiveClusterSetLabel"}
    hub.create(CLUSTER_SET, {"metadata": {"name": "soon"}, "spec": {"clusterSelector": selector}})
    until(lambda: _bound(hub)[:2] == ("True", "ClusterSetBound"), told=lambda: _bound(hub))


def test_a_binding_must_have_the_name_of_its_set(hub):
    one = {"metadata": {"name": "mine", "namespace": "default"}, "spec": {"clusterSet": "default"}}
    with pytest.raises(Refused, match="must have the same name as the target ManagedClusterSet"):
        hub.create(BINDING, one)


def test_binding_a_set_needs_a_right_of_its_own(hub, apis, ocm_plane):
    rules = [{"apiGroups": [CLUSTERS], "resources": ["managedclustersetbindings"], "verbs": ["*"]}]
    ada = _person(hub, apis, ocm_plane.hub, rules)
    one = {"metadata": {"name": "default", "namespace": "default"}, "spec": {"clusterSet": "default"}}
    with pytest.raises(Refused, match='user "ada" is not allowed to bind cluster set "default"'):
        ada.create(BINDING, one)
    bind = {"apiGroups": [CLUSTERS], "resources": ["managedclustersets/bind"], "verbs": ["create"]}
    hub.patch(ROLE, "ada", {"rules": [*rules, bind]})
    until(lambda: _creates(ada, BINDING, one))


def test_nobody_sets_the_time_of_a_taint_himself(hub):
    taint = {"key": "a", "effect": "NoSelect"}
    hub.patch(CLUSTER, "cluster1", {"spec": {"taints": [taint]}})
    (made,) = hub.get(CLUSTER, "cluster1")["spec"]["taints"]
    assert made == taint | {"timeAdded": made["timeAdded"]}
    later = {**taint, "key": "b", "timeAdded": "2020-01-01T00:00:00Z"}
    with pytest.raises(Refused, match='It is not allowed to set TimeAdded of Taint "b"'):
        hub.patch(CLUSTER, "cluster1", {"spec": {"taints": [made, later]}})


def test_joining_a_set_and_accepting_a_cluster_need_rights_of_their_own(hub, apis, ocm_plane):
    ada = _person(
        hub, apis, ocm_plane.hub, [{"apiGroups": [CLUSTERS], "resources": ["managedclusters"], "verbs": ["*"]}]
    )
    with pytest.raises(Refused, match="cannot update the HubAcceptsClient field"):
        ada.create(CLUSTER, {"metadata": {"name": "mine"}, "spec": {"hubAcceptsClient": True}})
    change = {"metadata": {"labels": {f"{CLUSTERS}/clusterset": "global"}}}
    with pytest.raises(Refused, match="cannot add/remove a ManagedCluster to/from ManagedClusterSet"):
        ada.patch(CLUSTER, "cluster1", change)


def _bound(hub):
    return condition(hub.get(BINDING, "soon", "default"), "Bound") or ("", "", "")


def _creates(own, kind, one):
    try:
        return own.create(kind, one)
    except Refused:
        return None


def _person(hub, apis, cluster, rules):
    """Ada, who may do this and nothing else."""
    group = "rbac.authorization.k8s.io"
    hub.create(ROLE, {"metadata": {"name": "ada"}, "rules": rules})
    binding = {
        "apiVersion": f"{group}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "ada"},
        "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "ada"},
        "subjects": [{"apiGroup": group, "kind": "User", "name": "ada"}],
    }
    hub.ask("POST", f"/apis/{group}/v1/clusterrolebindings", binding)
    ada = apis(cluster.kubeconfig(cluster.folder / "ada.kubeconfig", "ada"))
    until(lambda: _allowed(hub, rules[0]["resources"][0]))
    return ada


def _allowed(hub, resource):
    attributes = {"group": CLUSTERS, "resource": resource, "verb": "create"}
    spec = {"user": "ada", "resourceAttributes": attributes}
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}
    return hub.ask("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review)["status"]["allowed"]

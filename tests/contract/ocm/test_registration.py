"""How a spoke joins a hub, what it says of itself there, and what becomes of it when it is lost."""

from __future__ import annotations

import time
from base64 import b64decode

import pytest
from cryptography import x509

from controlplane.ocm.api import Refused
from controlplane.ocm.kinds import (
    ADDON,
    CLAIM,
    CLUSTER,
    CLUSTERS,
    LEASE,
    NAMESPACE,
    NODE,
    ROLE,
    ROLE_BINDING,
    SECRET,
)
from ocm_hub import condition
from waiting import until

pytestmark = pytest.mark.ocm

AGENTS = "open-cluster-management-agent"
AVAILABLE = "ManagedClusterConditionAvailable"
UNREACHABLE = f"{CLUSTERS}/unreachable"


def test_a_spoke_with_a_listed_bootstrap_user_is_accepted_joined_and_available(hub):
    cluster = hub.get(CLUSTER, "cluster1")
    said = {one["type"]: (one["status"], one["reason"]) for one in cluster["status"]["conditions"]}
    assert said == {
        "HubAcceptedManagedCluster": ("True", "HubClusterAdminAccepted"),
        "ManagedClusterJoined": ("True", "ManagedClusterJoined"),
        "ManagedClusterConditionClockSynced": ("True", "ManagedClusterClockSynced"),
        AVAILABLE: ("True", "ManagedClusterAvailable"),
    }
    assert cluster["spec"] == {"hubAcceptsClient": True, "leaseDurationSeconds": 60}
    assert set(cluster["metadata"]["finalizers"]) == {
        f"{CLUSTERS}/resource-cleanup",
        f"{CLUSTERS}/api-resource-cleanup",
    }
    assert "open-cluster-management.io/automatically-accepted-on" in cluster["metadata"]["annotations"]


def test_a_new_cluster_is_in_the_default_set(hub):
    assert hub.get(CLUSTER, "cluster1")["metadata"]["labels"] == {f"{CLUSTERS}/clusterset": "default"}


def test_the_hub_has_a_namespace_and_a_lease_for_each_cluster(hub):
    namespace = hub.get(NAMESPACE, "cluster1")
    assert namespace["metadata"]["labels"]["open-cluster-management.io/cluster-name"] == "cluster1"
    lease = hub.get(LEASE, "managed-cluster-lease", "cluster1")
    assert lease["spec"]["holderIdentity"] == "managed-cluster-lease"


def test_the_agents_identity_is_of_its_own_cluster(spoke):
    secret = spoke.get(SECRET, "hub-kubeconfig-secret", AGENTS)
    data = {name: b64decode(value) for name, value in secret["data"].items()}
    assert set(data) == {"agent-name", "cluster-name", "kubeconfig", "tls.crt", "tls.key"}
    assert data["cluster-name"] == b"cluster1"
    subject = x509.load_pem_x509_certificate(data["tls.crt"]).subject.rfc4514_string()
    prefix = "system:open-cluster-management"
    assert f"CN={prefix}:cluster1:{data['agent-name'].decode()}" in subject
    assert f"O={prefix}:cluster1" in subject
    assert f"O={prefix}:managed-clusters" in subject


def test_the_version_of_a_cluster_is_that_of_its_api_server(hub, spoke):
    assert hub.get(CLUSTER, "cluster1")["status"]["version"]["kubernetes"] == spoke.ask("GET", "/version")["gitVersion"]


def test_resources_are_those_of_all_nodes_and_allocatable_those_of_nodes_that_take_pods(hub, spoke):
    for name, closed in (("n1", False), ("n2", True)):
        spoke.create(NODE, {"metadata": {"name": name}, "spec": {"unschedulable": closed}})
        amounts = {"cpu": "2", "memory": "4Gi"}
        spoke.patch(NODE, name, {"status": {"capacity": amounts, "allocatable": amounts}}, part="status")
    wanted = ({"cpu": "4", "memory": "8Gi"}, {"cpu": "2", "memory": "4Gi"})

    def resources():
        status = hub.get(CLUSTER, "cluster1")["status"]
        return status.get("capacity"), status.get("allocatable")

    until(lambda: resources() == wanted, told=resources)


def test_claims_come_to_the_hub_sorted_and_go_with_the_claim(hub, spoke):
    for name, value in (("b.example.com", "2"), ("a.example.com", "1")):
        spoke.create(CLAIM, {"metadata": {"name": name}, "spec": {"value": value}})
    wanted = [{"name": "a.example.com", "value": "1"}, {"name": "b.example.com", "value": "2"}]
    until(lambda: _claims(hub) == wanted, told=lambda: _claims(hub))
    spoke.delete(CLAIM, "a.example.com")
    until(lambda: _claims(hub) == wanted[1:], told=lambda: _claims(hub))


def test_of_custom_claims_only_the_first_twenty_by_name_are_told(hub, spoke):
    names = [f"{number:02}.data.example.com" for number in range(22)]
    for name in reversed(names):
        spoke.create(CLAIM, {"metadata": {"name": name}, "spec": {"value": "x"}})
    spoke.create(CLAIM, {"metadata": {"name": "id.k8s.io"}, "spec": {"value": "me"}})
    wanted = ["id.k8s.io", *names[:20]]
    until(lambda: [one["name"] for one in _claims(hub)] == wanted, told=lambda: _claims(hub))


def test_a_claim_for_the_spoke_only_is_not_told(hub, spoke):
    labels = {"open-cluster-management.io/spoke-only": ""}
    spoke.create(CLAIM, {"metadata": {"name": "a.example.com", "labels": labels}, "spec": {"value": "1"}})
    spoke.create(CLAIM, {"metadata": {"name": "b.example.com"}, "spec": {"value": "2"}})
    until(lambda: [one["name"] for one in _claims(hub)] == ["b.example.com"], told=lambda: _claims(hub))


def test_a_cluster_that_stops_renewing_its_lease_is_unknown_and_tainted_until_it_is_back(hub, ocm, ocm_plane):
    hub.create(ADDON, {"metadata": {"name": "any", "namespace": "cluster2"}, "spec": {}})
    hub.patch(CLUSTER, "cluster2", {"spec": {"leaseDurationSeconds": 1}})
    _renewed(hub, "cluster2")
    ocm.stop_agent(ocm_plane, "cluster2")
    until(lambda: _available(hub, "cluster2")[:2] == ("Unknown", "ManagedClusterLeaseUpdateStopped"))
    (taint,) = until(lambda: hub.get(CLUSTER, "cluster2")["spec"].get("taints"))
    assert (taint["key"], taint["effect"]) == (UNREACHABLE, "NoSelect")
    assert taint["timeAdded"].startswith("20")
    assert _available(hub, "cluster2")[2] == "Registration agent stopped updating its lease."
    assert _available(hub, "cluster1")[0] == "True"
    wanted = ("Unknown", "ManagedClusterLeaseUpdateStopped", "Registration agent stopped updating its lease.")
    until(lambda: condition(hub.get(ADDON, "any", "cluster2"), "Available") == wanted)

    ocm.join(ocm_plane, "cluster2")
    assert _available(hub, "cluster2")[0] == "True"
    assert "taints" not in hub.get(CLUSTER, "cluster2")["spec"]


def test_a_cluster_without_a_word_of_itself_is_tainted(hub):
    hub.create(CLUSTER, {"metadata": {"name": "silent"}, "spec": {"hubAcceptsClient": False}})
    (taint,) = until(lambda: hub.get(CLUSTER, "silent")["spec"].get("taints"))
    assert taint["key"] == UNREACHABLE


def test_a_denied_cluster_loses_its_rights_on_the_hub(hub, own):
    own = own("cluster1")
    assert own.list(LEASE, "cluster1")
    hub.patch(CLUSTER, "cluster1", {"spec": {"hubAcceptsClient": False}})
    wanted = ("False", "HubClusterAdminDenied")
    until(lambda: condition(hub.get(CLUSTER, "cluster1"), "HubAcceptedManagedCluster")[:2] == wanted)
    until(lambda: not _may_list(own, LEASE, "cluster1"))
    assert own.get(CLUSTER, "cluster1")["metadata"]["name"] == "cluster1"

    hub.patch(CLUSTER, "cluster1", {"spec": {"hubAcceptsClient": True}})
    until(lambda: _may_list(own, LEASE, "cluster1"))


def test_a_removed_cluster_takes_its_roles_along_and_leaves_its_namespace(hub):
    hub.create(CLUSTER, {"metadata": {"name": "gone"}, "spec": {"hubAcceptsClient": True}})
    role, binding = "open-cluster-management:managedcluster:gone", "open-cluster-management:managedcluster:gone:work"
    until(lambda: hub.get(ROLE, role) and hub.get(ROLE_BINDING, binding, "gone"))
    until(lambda: condition(hub.get(CLUSTER, "gone"), "HubAcceptedManagedCluster"))
    hub.delete(CLUSTER, "gone")
    until(lambda: hub.get(CLUSTER, "gone") is None)
    assert hub.get(ROLE, role) is None
    until(lambda: hub.get(ROLE_BINDING, binding, "gone") is None)
    assert hub.get(NAMESPACE, "gone")


def _claims(hub):
    return hub.get(CLUSTER, "cluster1")["status"].get("clusterClaims", [])


def _available(hub, name):
    return condition(hub.get(CLUSTER, name), AVAILABLE)


def _renewed(hub, name):
    """The agent goes by the new duration as soon as it has renewed twice in a short time."""
    times = [hub.get(LEASE, "managed-cluster-lease", name)["spec"]["renewTime"]]

    def again():
        now = hub.get(LEASE, "managed-cluster-lease", name)["spec"]["renewTime"]
        times.extend([now] if now != times[-1] else [])
        return len(times) > 2

    until(again)
    time.sleep(0.1)


def _may_list(own, kind, namespace):
    try:
        return bool(own.list(kind, namespace))
    except Refused:
        return False

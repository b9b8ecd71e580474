"""How OCM installs an add-on that has a manager of its own; whether it is available, in both versions of its kinds."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from controlplane.ocm.kinds import (
    ADDON,
    ADDON_OF_ALL,
    ADDONS,
    CLUSTER,
    LEASE,
    NAMESPACE,
    PLACEMENT,
)
from controlplane.rest import Kind
from ocm_addons import (
    FLEET,
    KUBE_SIGNER,
    NAME,
    SIGNER,
    SITE,
    install,
    placed,
    register,
    registration,
)
from ocm_hub import condition
from waiting import steadily, until

pytestmark = [
    pytest.mark.ocm,
    pytest.mark.filterwarnings("ignore:Attribute's length must be"),  # OCM's names are longer than X.509 has it
]

BETA = Kind(f"{ADDONS}/v1beta1", "ManagedClusterAddOn", "managedclusteraddons", namespaced=True)
BETA_OF_ALL = Kind(f"{ADDONS}/v1beta1", "ClusterManagementAddOn", "clustermanagementaddons", namespaced=False)


@pytest.fixture
def site(spoke):
    """The add-on's namespace on the spoke."""
    return spoke.create(NAMESPACE, {"metadata": {"name": SITE}})


def test_an_add_on_is_installed_where_its_placement_says_and_removed_elsewhere(hub):
    whole = install(hub)
    addon = hub.get(ADDON, NAME, "cluster1")
    (owner,) = addon["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["name"], owner["uid"], owner["controller"]) == (
        "ClusterManagementAddOn",
        NAME,
        whole["metadata"]["uid"],
        True,
    )
    assert addon["spec"] == {"installNamespace": "open-cluster-management-agent-addon"}
    hub.patch(PLACEMENT, "all", {"spec": placed(["cluster2"])}, namespace=FLEET)
    until(lambda: hub.get(ADDON, NAME, "cluster1") is None)
    assert hub.get(ADDON, NAME, "cluster2")


def test_the_hub_says_how_far_an_installation_is(hub):
    install(hub)

    def told():
        (one,) = hub.get(ADDON_OF_ALL, NAME).get("status", {}).get("installProgressions") or [None]
        return one and (one["namespace"], one["name"], condition({"status": one}, "Progressing"))

    message = "selected clusters 2. configured addons 2/2 completed with no errors, 0 failed 0 timeout."
    until(lambda: told() == (FLEET, "all", ("False", "Completed", message)), told=told)
    for kind, wanted in (
        ("Configured", ("True", "ConfigurationsConfigured", "Configurations configured")),
        (
            "Progressing",
            ("False", "WaitingForManifestApplied", "Waiting for ManagedClusterAddOn ManifestApplied condition"),
        ),
    ):
        until(lambda kind=kind, wanted=wanted: condition(hub.get(ADDON, NAME, "cluster1"), kind) == wanted)


def test_an_add_on_that_manages_itself_is_not_installed(hub):
    install(hub, annotations={f"{ADDONS}/lifecycle": "self"})
    until(lambda: hub.get(PLACEMENT, "all", FLEET).get("status", {}).get("numberOfSelectedClusters") == 2)
    steadily(lambda: hub.get(ADDON, NAME, "cluster1") is None, seconds=1)


def test_clusters_are_labelled_with_their_add_ons(hub):
    install(hub, clusters=["cluster1"])
    label = f"feature.open-cluster-management.io/addon-{NAME}"
    until(lambda: hub.get(CLUSTER, "cluster1")["metadata"]["labels"].get(label) == "unreachable")
    hub.patch(PLACEMENT, "all", {"spec": placed([])}, namespace=FLEET)
    until(lambda: label not in hub.get(CLUSTER, "cluster1")["metadata"]["labels"])


@pytest.mark.usefixtures("site")
def test_an_add_on_is_available_by_its_lease(hub, spoke):
    """OCM looks every half a minute."""
    install(hub, clusters=["cluster1"])
    register(hub, "cluster1")

    def told():
        return condition(hub.get(ADDON, NAME, "cluster1"), "Available")

    unknown = ("Unknown", "ManagedClusterAddOnLeaseNotFound", f"The status of {NAME} add-on is unknown.")
    until(lambda: told() == unknown, told=told, seconds=40)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    spoke.create(LEASE, {"metadata": {"name": NAME, "namespace": SITE}, "spec": {"renewTime": now}})
    wanted = ("True", "ManagedClusterAddOnLeaseUpdated", f"{NAME} add-on is available.")
    until(lambda: told() == wanted, told=told, seconds=40)


def test_both_versions_of_the_add_on_kinds_say_the_same(hub):
    install(hub, clusters=["cluster1"])
    register(hub, "cluster1", registration("cluster1", KUBE_SIGNER), registration("cluster1"))
    until(lambda: hub.get(ADDON, NAME, "cluster1")["status"].get("kubeClientDriver"))
    new = hub.get(BETA, NAME, "cluster1")
    client, own = new["status"]["registrations"]
    subject = registration("cluster1", KUBE_SIGNER)["subject"]
    assert client == {"type": "kubeClient", "kubeClient": {"driver": "csr", "subject": subject}}
    assert own == {
        "type": "customSigner",
        "customSigner": {"signerName": SIGNER, "subject": registration("cluster1")["subject"]},
    }
    annotation = f"{ADDONS}/v1alpha1-install-namespace"
    assert new["metadata"]["annotations"][annotation] == "open-cluster-management-agent-addon"
    hub.patch(BETA, NAME, {"status": {"registrations": [own]}}, namespace="cluster1", part="status")
    assert hub.get(ADDON, NAME, "cluster1")["status"]["registrations"] == [registration("cluster1")]
    both = [hub.get(kind, NAME)["spec"] for kind in (BETA_OF_ALL, ADDON_OF_ALL)]
    assert both[0]["installStrategy"] == both[1]["installStrategy"]

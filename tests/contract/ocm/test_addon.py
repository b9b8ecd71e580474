"""How OCM installs an add-on that has a manager of its own, and gets it its certificates."""

from __future__ import annotations

import time
from base64 import b64decode
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from controlplane.ocm.standin.kinds import (
    ADDON,
    ADDON_OF_ALL,
    ADDONS,
    CLUSTER,
    CSR,
    LEASE,
    NAMESPACE,
    PLACEMENT,
    SECRET,
)
from controlplane.rest import Kind
from ocm_addons import (
    FLEET,
    KUBE_SIGNER,
    NAME,
    SIGNER,
    SITE,
    Signer,
    approve,
    group_of,
    install,
    parsed,
    placed,
    register,
    registration,
    request_of,
    requests,
    user_of,
)
from ocm_hub import condition, eventually, steadily

pytestmark = [
    pytest.mark.ocm,
    pytest.mark.filterwarnings("ignore:Attribute's length must be"),  # OCM's names are longer than X.509 has it
]

BETA = Kind(f"{ADDONS}/v1beta1", "ManagedClusterAddOn", "managedclusteraddons", namespaced=True)
BETA_OF_ALL = Kind(f"{ADDONS}/v1beta1", "ClusterManagementAddOn", "clustermanagementaddons", namespaced=False)
CERTIFICATE = f"{NAME}-covey.dev-collaborator-client-cert"
KUBECONFIG = f"{NAME}-hub-kubeconfig"
ROTATED = "ClusterCertificateRotated"


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
    eventually(lambda: hub.get(ADDON, NAME, "cluster1") is None)
    assert hub.get(ADDON, NAME, "cluster2")


def test_the_hub_says_how_far_an_installation_is(hub):
    install(hub)

    def told():
        (one,) = hub.get(ADDON_OF_ALL, NAME).get("status", {}).get("installProgressions") or [None]
        return one and (one["namespace"], one["name"], condition({"status": one}, "Progressing"))

    message = "selected clusters 2. configured addons 2/2 completed with no errors, 0 failed 0 timeout."
    eventually(lambda: told() == (FLEET, "all", ("False", "Completed", message)), told)
    for kind, wanted in (
        ("Configured", ("True", "ConfigurationsConfigured", "Configurations configured")),
        (
            "Progressing",
            ("False", "WaitingForManifestApplied", "Waiting for ManagedClusterAddOn ManifestApplied condition"),
        ),
    ):
        eventually(lambda kind=kind, wanted=wanted: condition(hub.get(ADDON, NAME, "cluster1"), kind) == wanted)


def test_an_add_on_that_manages_itself_is_not_installed(hub):
    install(hub, annotations={f"{ADDONS}/lifecycle": "self"})
    eventually(lambda: hub.get(PLACEMENT, "all", FLEET).get("status", {}).get("numberOfSelectedClusters") == 2)
    steadily(lambda: hub.get(ADDON, NAME, "cluster1") is None, seconds=1)


def test_clusters_are_labelled_with_their_add_ons(hub):
    install(hub, clusters=["cluster1"])
    label = f"feature.open-cluster-management.io/addon-{NAME}"
    eventually(lambda: hub.get(CLUSTER, "cluster1")["metadata"]["labels"].get(label) == "unreachable")
    hub.delete(ADDON_OF_ALL, NAME)
    eventually(lambda: label not in hub.get(CLUSTER, "cluster1")["metadata"]["labels"])


def test_a_registration_becomes_a_request_in_the_spokes_own_name(hub):
    install(hub, clusters=["cluster1"])
    register(hub, "cluster1")
    request = request_of(hub, "cluster1")
    metadata, spec = request["metadata"], request["spec"]
    assert metadata["name"].startswith(f"addon-cluster1-{NAME}-")
    assert metadata["labels"] == {
        "open-cluster-management.io/cluster-name": "cluster1",
        "open-cluster-management.io/addon-name": NAME,
    }
    assert spec["username"].startswith("system:open-cluster-management:cluster1:")
    assert set(spec["groups"]) == {
        "system:open-cluster-management:cluster1",
        "system:open-cluster-management:managed-clusters",
        "system:authenticated",
    }
    assert spec["usages"] == ["digital signature", "key encipherment", "client auth"]
    asked = parsed(request)
    assert _subject(asked) == {"CN": {user_of("cluster1")}, "O": {group_of("cluster1")}}
    names = asked.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [f"{NAME}.addon.open-cluster-management.io"]
    assert asked.public_key().curve.name == "secp256r1"


def test_a_registration_without_a_user_gets_the_agents_default_one(hub):
    install(hub, clusters=["cluster1"])
    register(hub, "cluster1", {"signerName": SIGNER, "subject": {}})
    group = group_of("cluster1")
    assert _subject(parsed(request_of(hub, "cluster1"))) == {"CN": {f"{group}:agent:{NAME}"}}


@pytest.mark.usefixtures("site")
def test_what_our_signer_issues_is_in_a_secret_beside_the_key_and_no_authority(hub, spoke):
    install(hub, clusters=["cluster1"])
    register(hub, "cluster1")
    issued = Signer().sign(hub, request_of(hub, "cluster1"), uri="spiffe://covey/cluster/cluster1")
    secret = eventually(lambda: spoke.get(SECRET, CERTIFICATE, SITE))
    assert set(secret["data"]) == {"tls.crt", "tls.key", "cluster-name"}
    assert secret["type"] == "Opaque"
    assert b64decode(secret["data"]["cluster-name"]) == b"cluster1"
    assert x509.load_pem_x509_certificate(b64decode(secret["data"]["tls.crt"])) == issued
    said = eventually(lambda: condition(hub.get(ADDON, NAME, "cluster1"), ROTATED))
    assert said[:2] == ("True", "ClientCertificateUpdated")
    assert said[2].startswith(
        f"client certificate rotated starting from {issued.not_valid_before_utc:%Y-%m-%d %H:%M:%S}"
    )


@pytest.mark.usefixtures("site")
def test_the_hubs_own_signer_gives_the_add_on_a_kubeconfig(hub, spoke, apis, tmp_path):
    install(hub, clusters=["cluster1"])
    register(hub, "cluster1", registration("cluster1", KUBE_SIGNER))
    approve(hub, request_of(hub, "cluster1", KUBE_SIGNER))
    secret = eventually(lambda: spoke.get(SECRET, KUBECONFIG, SITE))
    assert set(secret["data"]) == {"tls.crt", "tls.key", "cluster-name", "kubeconfig"}
    for name, value in secret["data"].items():
        (tmp_path / name).write_bytes(b64decode(value))
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    told = apis(tmp_path / "kubeconfig").ask("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", review)
    assert told["status"]["userInfo"]["username"] == user_of("cluster1")
    assert hub.get(ADDON, NAME, "cluster1")["status"]["kubeClientDriver"] == "csr"


def test_a_certificate_waits_for_the_namespace_of_the_add_on(hub, spoke):
    install(hub, clusters=["cluster1"])
    register(hub, "cluster1")
    Signer().sign(hub, request_of(hub, "cluster1"))
    steadily(lambda: spoke.get(SECRET, CERTIFICATE, SITE) is None, seconds=1)
    spoke.create(NAMESPACE, {"metadata": {"name": SITE}})
    eventually(lambda: spoke.get(SECRET, CERTIFICATE, SITE))
    assert len(requests(hub, "cluster1")) == 1


@pytest.mark.usefixtures("site")
def test_a_certificate_near_its_end_is_renewed_with_a_new_key(hub, spoke):
    install(hub, clusters=["cluster1"])
    register(hub, "cluster1")
    first, signer = request_of(hub, "cluster1"), Signer()
    signer.sign(hub, first, age=timedelta(hours=8, minutes=30))
    second = request_of(hub, "cluster1")
    assert parsed(second).public_key() != parsed(first).public_key()
    issued = signer.sign(hub, second)

    def kept():
        secret = spoke.get(SECRET, CERTIFICATE, SITE)
        return secret and x509.load_pem_x509_certificate(b64decode(secret["data"]["tls.crt"])) == issued

    eventually(kept)
    steadily(lambda: len(requests(hub, "cluster1")) == 2, seconds=1)


@pytest.mark.usefixtures("site")
def test_a_deleted_secret_is_asked_for_again(hub, spoke):
    install(hub, clusters=["cluster1"])
    register(hub, "cluster1")
    Signer().sign(hub, request_of(hub, "cluster1"))
    eventually(lambda: spoke.get(SECRET, CERTIFICATE, SITE))
    spoke.delete(SECRET, CERTIFICATE, SITE)
    assert request_of(hub, "cluster1")


@pytest.mark.usefixtures("site")
def test_a_changed_subject_is_asked_for_again(hub, spoke):
    install(hub, clusters=["cluster1"])
    register(hub, "cluster1")
    Signer().sign(hub, request_of(hub, "cluster1"))
    eventually(lambda: spoke.get(SECRET, CERTIFICATE, SITE))
    register(hub, "cluster1", registration("cluster1", user="somebody"))
    assert _subject(parsed(request_of(hub, "cluster1")))["CN"] == {"somebody"}


@pytest.mark.parametrize("end", ["registration", "add-on"])
@pytest.mark.usefixtures("site")
def test_what_nobody_asks_for_any_more_is_taken_away(hub, spoke, end):
    install(hub, clusters=["cluster1"])
    register(hub, "cluster1")
    Signer().sign(hub, request_of(hub, "cluster1"))
    eventually(lambda: spoke.get(SECRET, CERTIFICATE, SITE))
    if end == "add-on":
        hub.delete(ADDON_OF_ALL, NAME)
    else:
        hub.patch(ADDON, NAME, {"status": {"registrations": []}}, namespace="cluster1", part="status")
    eventually(lambda: spoke.get(SECRET, CERTIFICATE, SITE) is None)


def test_with_ten_requests_on_the_hub_no_more_are_made(hub):
    install(hub, clusters=["cluster1"])
    register(hub, "cluster1")
    first = request_of(hub, "cluster1")
    copied = {name: first["metadata"][name] for name in ("generateName", "labels")}
    asked = {name: first["spec"][name] for name in ("request", "signerName", "usages")}
    for _ in range(9):
        hub.create(CSR, {"metadata": copied, "spec": asked})
    time.sleep(0.5)  # the agent sees them by its watch
    register(hub, "cluster1", registration("cluster1", user="somebody"))
    wanted = ("False", "ClientCertificateUpdateFailed")
    said = eventually(lambda: condition(hub.get(ADDON, NAME, "cluster1"), ROTATED))
    assert said[:2] == wanted
    assert "too many csr" in said[2]
    assert len(requests(hub, "cluster1")) == 10


@pytest.mark.usefixtures("site")
def test_an_add_on_is_available_by_its_lease(hub, spoke):
    """OCM looks every half a minute."""
    install(hub, clusters=["cluster1"])
    register(hub, "cluster1")

    def told():
        return condition(hub.get(ADDON, NAME, "cluster1"), "Available")

    unknown = ("Unknown", "ManagedClusterAddOnLeaseNotFound", f"The status of {NAME} add-on is unknown.")
    eventually(lambda: told() == unknown, told, seconds=40)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    spoke.create(LEASE, {"metadata": {"name": NAME, "namespace": SITE}, "spec": {"renewTime": now}})
    wanted = ("True", "ManagedClusterAddOnLeaseUpdated", f"{NAME} add-on is available.")
    eventually(lambda: told() == wanted, told, seconds=40)


def test_both_versions_of_the_add_on_kinds_say_the_same(hub):
    install(hub, clusters=["cluster1"])
    register(hub, "cluster1", registration("cluster1", KUBE_SIGNER), registration("cluster1"))
    eventually(lambda: hub.get(ADDON, NAME, "cluster1")["status"].get("kubeClientDriver"))
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


def _subject(request):
    names = {"2.5.4.3": "CN", "2.5.4.10": "O", "2.5.4.11": "OU"}
    found: dict[str, set[str]] = {}
    for one in request.subject:
        found.setdefault(names[one.oid.dotted_string], set()).add(one.value)
    return found

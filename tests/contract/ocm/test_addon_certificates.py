"""How OCM gets an add-on its certificates: requests, Secrets on the spoke, renewal, and the cap on requests."""

from __future__ import annotations

import time
from base64 import b64decode
from datetime import timedelta

import pytest
from cryptography import x509

from controlplane.ocm.kinds import (
    ADDON,
    ADDON_OF_ALL,
    CSR,
    NAMESPACE,
    SECRET,
)
from ocm_addons import (
    KUBE_SIGNER,
    NAME,
    SIGNER,
    SITE,
    Signer,
    approve,
    group_of,
    install,
    parsed,
    register,
    registration,
    request_of,
    requests,
    user_of,
)
from ocm_hub import condition
from waiting import steadily, until

pytestmark = [
    pytest.mark.ocm,
    pytest.mark.filterwarnings("ignore:Attribute's length must be"),  # OCM's names are longer than X.509 has it
]

CERTIFICATE = f"{NAME}-covey.dev-collaborator-client-cert"
KUBECONFIG = f"{NAME}-hub-kubeconfig"
ROTATED = "ClusterCertificateRotated"


@pytest.fixture
def site(spoke):
    """The add-on's namespace on the spoke."""
    return spoke.create(NAMESPACE, {"metadata": {"name": SITE}})


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
    secret = until(lambda: spoke.get(SECRET, CERTIFICATE, SITE))
    assert set(secret["data"]) == {"tls.crt", "tls.key", "cluster-name"}
    assert secret["type"] == "Opaque"
    assert b64decode(secret["data"]["cluster-name"]) == b"cluster1"
    assert x509.load_pem_x509_certificate(b64decode(secret["data"]["tls.crt"])) == issued
    said = until(lambda: condition(hub.get(ADDON, NAME, "cluster1"), ROTATED))
    assert said[:2] == ("True", "ClientCertificateUpdated")
    assert said[2].startswith(
        f"client certificate rotated starting from {issued.not_valid_before_utc:%Y-%m-%d %H:%M:%S}"
    )


@pytest.mark.usefixtures("site")
def test_the_hubs_own_signer_gives_the_add_on_a_kubeconfig(hub, spoke, apis, tmp_path):
    install(hub, clusters=["cluster1"])
    register(hub, "cluster1", registration("cluster1", KUBE_SIGNER))
    approve(hub, request_of(hub, "cluster1", KUBE_SIGNER))
    secret = until(lambda: spoke.get(SECRET, KUBECONFIG, SITE))
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
    until(lambda: spoke.get(SECRET, CERTIFICATE, SITE))
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

    until(kept)
    steadily(lambda: len(requests(hub, "cluster1")) == 2, seconds=1)


@pytest.mark.usefixtures("site")
def test_a_deleted_secret_is_asked_for_again(hub, spoke):
    install(hub, clusters=["cluster1"])
    register(hub, "cluster1")
    Signer().sign(hub, request_of(hub, "cluster1"))
    until(lambda: spoke.get(SECRET, CERTIFICATE, SITE))
    spoke.delete(SECRET, CERTIFICATE, SITE)
    assert request_of(hub, "cluster1")


@pytest.mark.usefixtures("site")
def test_a_changed_subject_is_asked_for_again(hub, spoke):
    install(hub, clusters=["cluster1"])
    register(hub, "cluster1")
    Signer().sign(hub, request_of(hub, "cluster1"))
    until(lambda: spoke.get(SECRET, CERTIFICATE, SITE))
    register(hub, "cluster1", registration("cluster1", user="somebody"))
    assert _subject(parsed(request_of(hub, "cluster1")))["CN"] == {"somebody"}


@pytest.mark.parametrize("end", ["registration", "add-on"])
@pytest.mark.usefixtures("site")
def test_what_nobody_asks_for_any_more_is_taken_away(hub, spoke, end):
    install(hub, clusters=["cluster1"])
    register(hub, "cluster1")
    Signer().sign(hub, request_of(hub, "cluster1"))
    until(lambda: spoke.get(SECRET, CERTIFICATE, SITE))
    if end == "add-on":
        hub.delete(ADDON_OF_ALL, NAME)
    else:
        hub.patch(ADDON, NAME, {"status": {"registrations": []}}, namespace="cluster1", part="status")
    # The add-on itself goes with its owner, by the garbage collector, which takes its time.
    until(lambda: spoke.get(SECRET, CERTIFICATE, SITE) is None, seconds=60)


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
    said = until(lambda: condition(hub.get(ADDON, NAME, "cluster1"), ROTATED))
    assert said[:2] == wanted
    assert "too many csr" in said[2]
    assert len(requests(hub, "cluster1")) == 10


def _subject(request):
    names = {"2.5.4.3": "CN", "2.5.4.10": "O", "2.5.4.11": "OU"}
    found: dict[str, set[str]] = {}
    for one in request.subject:
        found.setdefault(names[one.oid.dotted_string], set()).add(one.value)
    return found

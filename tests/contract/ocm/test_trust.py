"""What OCM lets a spoke do on the hub, and more than it should: gaps that Covey has to close itself."""

from __future__ import annotations

import time
from base64 import b64decode, b64encode
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from controlplane.ocm import rights
from controlplane.ocm.api import Refused
from controlplane.ocm.kinds import (
    ADDON,
    CLUSTER,
    CLUSTERS,
    CSR,
    LEASE,
    NAMESPACE,
    ROLE,
    SECRET,
    WORK,
)
from ocm_addons import NAME, SIGNER, SITE, Signer, install, register, request_of, requests
from ocm_hub import condition
from waiting import steadily, until

pytestmark = [
    pytest.mark.ocm,
    pytest.mark.filterwarnings("ignore:Attribute's length must be"),  # OCM's names are longer than X.509 has it
]

KUBE_SIGNER = "kubernetes.io/kube-apiserver-client"
CERTIFICATE = f"{NAME}-covey.dev-collaborator-client-cert"
OF_CLUSTER1 = {"open-cluster-management.io/cluster-name": "cluster1"}
OF_ADDON = OF_CLUSTER1 | {"open-cluster-management.io/addon-name": NAME}
MANIFEST = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "default"}}


def test_a_spoke_has_these_rights_and_no_others(hub):
    rules = {(rule["apiGroups"][0], *rule["resources"]): rule["verbs"] for rule in _rules(hub, "cluster1")}
    assert rules == {
        ("certificates.k8s.io", "certificatesigningrequests"): ["create", "get", "list", "watch"],
        ("register.open-cluster-management.io", "managedclusters/clientcertificates"): ["renew"],
        (CLUSTERS, "managedclusters"): ["get", "list", "update", "watch"],
        (CLUSTERS, "managedclusters/status"): ["patch", "update"],
    }
    shared = {(rule["apiGroups"][0], *rule["resources"]): rule["verbs"] for rule in _shared_rules(hub)}
    assert shared == {
        ("coordination.k8s.io", "leases"): ["get", "list", "watch", "update"],
        ("addon.open-cluster-management.io", "managedclusteraddons"): ["get", "list", "watch"],
        ("addon.open-cluster-management.io", "managedclusteraddons/status"): ["patch", "update"],
        ("events.k8s.io", "events"): ["create"],
        ("", "events"): ["create", "patch", "update"],
        ("work.open-cluster-management.io", "manifestworks"): ["get", "list", "watch", "update", "patch"],
        ("work.open-cluster-management.io", "manifestworks/status"): ["patch", "update"],
    }


@pytest.mark.parametrize("kind", [LEASE, ADDON, WORK], ids=lambda kind: kind.plural)
def test_a_spoke_sees_nothing_of_another(own, kind):
    mine = own("cluster1")
    mine.list(kind, "cluster1")
    with pytest.raises(Refused, match="is forbidden"):
        mine.list(kind, "cluster2")
    with pytest.raises(Refused, match="is forbidden"):
        mine.list(kind)


def test_a_spoke_sees_neither_secrets_nor_other_clusters(own):
    with pytest.raises(Refused, match="is forbidden"):
        own("cluster1").list(SECRET, "cluster1")
    with pytest.raises(Refused, match="is forbidden"):
        own("cluster1").get(CLUSTER, "cluster2")


def test_gap_whoever_bootstraps_clusters_can_be_any_cluster(hub, apis, ocm_plane):
    """G3: also one that has joined long ago."""
    path = ocm_plane.hub.kubeconfig(ocm_plane.hub.folder / "thief.kubeconfig", rights.BOOTSTRAP_USER)
    prefix = "system:open-cluster-management"
    groups = [f"{prefix}:cluster1", f"{prefix}:managed-clusters"]
    made = _ask(
        apis(path), "cluster1-", OF_CLUSTER1, signer=KUBE_SIGNER, user=f"{prefix}:cluster1:thief", groups=groups
    )
    assert made["spec"]["username"] == rights.BOOTSTRAP_USER
    issued = until(lambda: hub.get(CSR, made["metadata"]["name"]).get("status", {}).get("certificate"))
    subject = x509.load_pem_x509_certificate(b64decode(issued)).subject.rfc4514_string()
    assert f"CN={prefix}:cluster1:thief" in subject


def test_a_spoke_may_renew_only_its_own_identity(hub, own):
    prefix = "system:open-cluster-management"
    groups = [f"{prefix}:cluster1", f"{prefix}:managed-clusters"]
    made = _ask(
        own("cluster2"), "cluster1-", OF_CLUSTER1, signer=KUBE_SIGNER, user=f"{prefix}:cluster1:thief", groups=groups
    )
    steadily(lambda: "conditions" not in hub.get(CSR, made["metadata"]["name"]).get("status", {}), seconds=1)


def test_gap_a_spoke_asks_in_the_name_of_another_and_only_the_user_tells(own):
    """G1: name, labels, subject and server names are whatever the spoke says."""
    user = f"system:open-cluster-management:cluster:cluster1:addon:{NAME}:agent:{NAME}-agent"
    name = x509.DNSName("aggregator.example.com")
    made = _ask(own("cluster2"), f"addon-cluster1-{NAME}-", OF_ADDON, signer=SIGNER, user=user, names=[name])
    assert made["metadata"]["name"].startswith(f"addon-cluster1-{NAME}-")
    assert made["metadata"]["labels"] == OF_ADDON
    assert made["spec"]["username"].startswith("system:open-cluster-management:cluster2:")
    assert "system:open-cluster-management:cluster2" in made["spec"]["groups"]


def test_gap_a_spoke_starves_another_with_ten_requests(hub, own):
    """G4: the agent counts what carries its labels, whoever has made it."""
    install(hub, clusters=["cluster1"])
    thief = own("cluster2")
    for _ in range(10):
        _ask(thief, "spam-", OF_ADDON, signer=SIGNER, user="anybody")
    time.sleep(0.5)  # the agent sees them by its watch
    register(hub, "cluster1")
    said = until(lambda: condition(hub.get(ADDON, NAME, "cluster1"), "ClusterCertificateRotated"))
    assert said[:2] == ("False", "ClientCertificateUpdateFailed")
    assert not [one for one in requests(hub, "cluster1") if "cluster1" in one["spec"]["username"]]


def test_gap_a_certificate_of_another_authority_is_kept(hub, spoke):
    """G5: a new CA reissues nothing; the agent looks at subject and age only."""
    spoke.create(NAMESPACE, {"metadata": {"name": SITE}})
    install(hub, clusters=["cluster1"])
    register(hub, "cluster1")
    request = request_of(hub, "cluster1")
    Signer().sign(hub, request)
    secret = until(lambda: spoke.get(SECRET, CERTIFICATE, SITE))
    foreign = b64encode(_reissued(b64decode(secret["data"]["tls.crt"]))).decode()
    spoke.patch(SECRET, CERTIFICATE, {"data": {"tls.crt": foreign}}, namespace=SITE)
    steadily(lambda: len(requests(hub, "cluster1")) == 1, seconds=1)
    assert spoke.get(SECRET, CERTIFICATE, SITE)["data"]["tls.crt"] == foreign


def test_gap_labels_and_taints_are_the_spokes_own_to_write(hub, own):
    mine = own("cluster2")
    cluster = mine.get(CLUSTER, "cluster2")
    cluster["metadata"]["labels"]["region"] = "eu"
    cluster["spec"]["taints"] = [{"key": "busy", "effect": "NoSelect"}]
    mine.update(CLUSTER, cluster)
    seen = hub.get(CLUSTER, "cluster2")
    assert seen["metadata"]["labels"]["region"] == "eu"
    assert [one["key"] for one in seen["spec"]["taints"]] == ["busy"]


@pytest.mark.parametrize("change", ["set", "acceptance"])
def test_its_set_and_its_acceptance_are_not(own, hub, change):
    mine = own("cluster2")
    if change == "acceptance":
        hub.patch(CLUSTER, "cluster2", {"spec": {"hubAcceptsClient": False}})
    cluster = mine.get(CLUSTER, "cluster2")
    cluster["metadata"]["labels"] |= {f"{CLUSTERS}/clusterset": "global"} if change == "set" else {}
    cluster["spec"]["hubAcceptsClient"] = True
    with pytest.raises(Refused, match="cannot"):
        mine.update(CLUSTER, cluster)


def test_gap_a_spoke_can_claim_anything(own):
    """What a cluster says of itself is no proof; here it says it without even having the claim."""
    claims = [{"name": "digits.data.covey.dev", "value": "pvc/digits"}]
    written = own("cluster2").patch(CLUSTER, "cluster2", {"status": {"clusterClaims": claims}}, part="status")
    assert written["status"]["clusterClaims"] == claims


def test_gap_a_spoke_can_change_its_own_works(hub, own):
    work = {"metadata": {"name": "given", "namespace": "cluster2"}, "spec": {"workload": {"manifests": [MANIFEST]}}}
    hub.create(WORK, work)
    other = {**MANIFEST, "metadata": {"name": "mine", "namespace": "default"}}
    change = {"spec": {"workload": {"manifests": [other]}}}
    own("cluster2").patch(WORK, "given", change, namespace="cluster2")
    (manifest,) = hub.get(WORK, "given", "cluster2")["spec"]["workload"]["manifests"]
    assert manifest["metadata"]["name"] == "mine"
    with pytest.raises(Refused, match="is forbidden"):
        own("cluster2").create(WORK, {**work, "metadata": {"name": "new", "namespace": "cluster2"}})
    with pytest.raises(Refused, match="is forbidden"):
        own("cluster1").patch(WORK, "given", change, namespace="cluster2")


def test_gap_a_spoke_can_change_what_its_add_on_registers(hub, own):
    install(hub, clusters=["cluster2"])
    status = {"registrations": [{"signerName": SIGNER, "subject": {"user": "root"}}], "namespace": "kube-system"}
    own("cluster2").patch(ADDON, NAME, {"status": status}, namespace="cluster2", part="status")
    assert hub.get(ADDON, NAME, "cluster2")["status"]["namespace"] == "kube-system"


def _rules(hub, cluster):
    return hub.get(ROLE, f"open-cluster-management:managedcluster:{cluster}")["rules"]


def _shared_rules(hub):
    names = ("registration", "work")
    return [rule for name in names for rule in _rules(hub, name)]


def _ask(api, prefix, labels, *, signer, user, groups=(), names=()):
    key = ec.generate_private_key(ec.SECP256R1())
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
    subject = x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, user, _validate=False)])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    pem = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    usages = ["digital signature", "key encipherment", "client auth"]
    spec = {"signerName": signer, "usages": usages, "request": b64encode(pem).decode()}
    return api.create(CSR, {"metadata": {"generateName": prefix, "labels": labels}, "spec": spec})


def _reissued(pem):
    """The same by somebody else."""
    one, signer = x509.load_pem_x509_certificate(pem), Signer()
    builder = (
        x509.CertificateBuilder()
        .issuer_name(signer.authority.certificate.subject)
        .subject_name(one.subject)
        .public_key(one.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC))
        .not_valid_after(one.not_valid_after_utc)
    )
    return builder.sign(signer.authority.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

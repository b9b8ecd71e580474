"""An add-on as Covey's own, for tests: installed by placement, registered and signed by the test."""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from controlplane.ocm.kinds import ADDON, ADDON_OF_ALL, ADDONS, BINDING, CSR, NAMESPACE, PLACEMENT
from controlplane.pki import make_authority
from waiting import until

NAME = "covey"
SIGNER = "covey.dev/collaborator"
KUBE_SIGNER = "kubernetes.io/kube-apiserver-client"
FLEET = "fleet"
SITE = "covey-agent"
_LABELS = "open-cluster-management.io/cluster-name={},open-cluster-management.io/addon-name={}"


def group_of(cluster):
    return f"system:open-cluster-management:cluster:{cluster}:addon:{NAME}"


def user_of(cluster):
    return f"{group_of(cluster)}:agent:{NAME}-agent"


def registration(cluster, signer=SIGNER, **subject):
    groups = [group_of(cluster)]
    if signer == KUBE_SIGNER:
        groups += [f"system:open-cluster-management:addon:{NAME}", "system:authenticated"]
    return {"signerName": signer, "subject": {"user": user_of(cluster), "groups": groups} | subject}


def install(hub, *, annotations=None, clusters=("cluster1", "cluster2")):
    """By a Placement, on those clusters; returns when OCM has made the add-ons."""
    hub.create(NAMESPACE, {"metadata": {"name": FLEET}})
    hub.create(BINDING, {"metadata": {"name": "default", "namespace": FLEET}, "spec": {"clusterSet": "default"}})
    hub.create(PLACEMENT, {"metadata": {"name": "all", "namespace": FLEET}, "spec": placed(clusters)})
    lifecycle = {f"{ADDONS}/lifecycle": "addon-manager"} if annotations is None else annotations
    strategy = {"type": "Placements", "placements": [{"name": "all", "namespace": FLEET}]}
    spec = {"addOnMeta": {"displayName": "Covey"}, "installStrategy": strategy}
    made = hub.create(ADDON_OF_ALL, {"metadata": {"name": NAME, "annotations": lifecycle}, "spec": spec})
    if annotations is None:
        until(lambda: all(hub.get(ADDON, NAME, cluster) for cluster in clusters))
    return made


def placed(clusters):
    names = ", ".join(f'"{name}"' for name in clusters)
    cel = {"celExpressions": [f"managedCluster.metadata.name in [{names}]"]}
    return {"predicates": [{"requiredClusterSelector": {"celSelector": cel}}]}


def register(hub, cluster, *registrations, namespace=SITE):
    """What Covey's manager writes."""
    wanted = {"namespace": namespace, "registrations": list(registrations or [registration(cluster)])}
    hub.patch(ADDON, NAME, {"status": wanted}, namespace=cluster, part="status")


def requests(hub, cluster, signer=SIGNER):
    found = hub.list(CSR, labels=_LABELS.format(cluster, NAME))
    return [one for one in found if one["spec"]["signerName"] == signer]


def request_of(hub, cluster, signer=SIGNER):
    """The one that nobody has answered yet."""
    return until(lambda: next((one for one in requests(hub, cluster, signer) if not one.get("status")), None))


def parsed(request):
    return x509.load_pem_x509_csr(b64decode(request["spec"]["request"]))


def approve(hub, request):
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    said = {"type": "Approved", "status": "True", "reason": "Test", "message": "", "lastUpdateTime": now}
    return hub.update(CSR, {**request, "status": {"conditions": [said]}}, part="approval")


class Signer:
    """Covey's own: EC, and the identity is a URI that it alone writes."""

    def __init__(self):
        self.authority = make_authority("a test's signer")

    def sign(self, hub, request, *, uri="spiffe://covey/cluster/any", age=timedelta(0), life=timedelta(hours=10)):
        """Approves and issues; `age` of its `life` is gone already."""
        asked, now = parsed(request), datetime.now(UTC)
        usage = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.CLIENT_AUTH])
        names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri)])
        certificate = (
            x509.CertificateBuilder()
            .issuer_name(self.authority.certificate.subject)
            .subject_name(asked.subject)
            .public_key(asked.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - age)
            .not_valid_after(now - age + life)
            .add_extension(usage, critical=False)
            .add_extension(names, critical=False)
            .sign(self.authority.key, hashes.SHA256())
        )
        approved = approve(hub, request)
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        issued = {**approved["status"], "certificate": b64encode(pem).decode()}
        hub.update(CSR, {**approved, "status": issued}, part="status")
        return certificate

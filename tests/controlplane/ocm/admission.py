"""OCM's webhooks as an API server knows them; whoever serves them listens on loopback with the cluster's own CA."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from controlplane.ocm.kinds import CLUSTERS, CRD, WORKS
from controlplane.rest import Kind

if TYPE_CHECKING:
    from pathlib import Path

    from controlplane.cluster import Cluster
    from controlplane.ocm.api import Api

MUTATE_CLUSTER = "/mutate-cluster-open-cluster-management-io-v1-managedcluster"
VALIDATE_CLUSTER = "/validate-cluster-open-cluster-management-io-v1-managedcluster"
VALIDATE_BINDING = "/validate-cluster-open-cluster-management-io-v1beta2-managedclustersetbinding"
VALIDATE_WORK = "/validate-work-open-cluster-management-io-v1-manifestwork"
CONVERT = "/convert"
_CONVERTED = ("clustermanagementaddons", "managedclusteraddons")
_GROUP = "admissionregistration.k8s.io/v1"
_MUTATING = Kind(_GROUP, "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", namespaced=False)
_VALIDATING = Kind(_GROUP, "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", namespaced=False)


def certificates(hub: Cluster, folder: Path) -> Path:
    """`tls.crt` and `tls.key` of a server of webhooks."""
    folder.mkdir(parents=True, exist_ok=True)
    certificate, key = hub.authority.issue("webhooks", server=True)
    (folder / "tls.crt").write_bytes(certificate)
    (folder / "tls.key").write_bytes(key)
    return folder


def configure(api: Api, hub: Cluster, *, clusters: int, works: int) -> None:
    """With the ports of the servers for clusters and for works."""
    bundle = b64encode(hub.authority.pem).decode()
    mutators, validators = (
        f"managedclustermutators.admission.{CLUSTERS}",
        f"managedclustervalidators.admission.{CLUSTERS}",
    )
    bindings = f"managedclustersetbindingvalidators.admission.{CLUSTERS}"
    api.apply(_MUTATING, _webhook(mutators, clusters, MUTATE_CLUSTER, bundle, "managedclusters"))
    api.apply(_VALIDATING, _webhook(validators, clusters, VALIDATE_CLUSTER, bundle, "managedclusters"))
    api.apply(_VALIDATING, _webhook(bindings, clusters, VALIDATE_BINDING, bundle, "managedclustersetbindings"))
    name = f"manifestworkvalidators.admission.{WORKS}"
    api.apply(_VALIDATING, _webhook(name, works, VALIDATE_WORK, bundle, "manifestworks"))


def convert_addons(api: Api, hub: Cluster, port: int) -> None:
    """Add-ons are stored in v1alpha1 and written by OCM in v1beta1."""
    client = {"url": _url(port, CONVERT), "caBundle": b64encode(hub.authority.pem).decode()}
    webhook = {"conversionReviewVersions": ["v1"], "clientConfig": client}
    for plural in _CONVERTED:
        change = {"spec": {"conversion": {"strategy": "Webhook", "webhook": webhook}}}
        api.patch(CRD, f"{plural}.addon.open-cluster-management.io", change)


def _webhook(name: str, port: int, path: str, bundle: str, plural: str) -> dict[str, Any]:
    group = WORKS if plural == "manifestworks" else CLUSTERS
    rule = {"operations": ["CREATE", "UPDATE"], "apiGroups": [group], "apiVersions": ["*"], "resources": [plural]}
    webhook = {
        "name": name,
        "failurePolicy": "Fail",
        "clientConfig": {"url": _url(port, path), "caBundle": bundle},
        "rules": [rule],
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "timeoutSeconds": 10,
    }
    return {"metadata": {"name": name}, "webhooks": [webhook]}


def _url(port: int, path: str) -> str:
    return f"https://127.0.0.1:{port}{path}"

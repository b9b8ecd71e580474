"""OCM's approval of clusters' own certificates: renewals, and whatever a bootstrap user asks for (a known gap)."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from controlplane.ocm.kinds import CSR, OCM
from controlplane.ocm.standin import work_conditions as conditions
from controlplane.ocm.standin.loop import Loop
from controlplane.ocm.standin.registration_rbac import LABEL

if TYPE_CHECKING:
    from controlplane.ocm.api import Api, Object
    from controlplane.ocm.standin.loop import Mirror

SIGNER = "kubernetes.io/kube-apiserver-client"
PREFIX = "system:open-cluster-management:"
GROUP = "system:open-cluster-management:managed-clusters"
_REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"


class Approval:
    def __init__(self, mirror: Mirror, *, bootstrap_user: str) -> None:
        self._api, self._user = mirror.api, bootstrap_user
        self._requests = mirror.of(CSR)
        self.loops = [Loop("approval", self.act, self._requests)]

    def act(self) -> None:
        for one in self._requests.all():
            if one.get("status", {}).get("conditions") or one["spec"]["signerName"] != SIGNER:
                continue
            name = common_name(one)
            if name and self._is_allowed(one, name):
                self._approve(one)

    def _is_allowed(self, one: Object, name: str) -> bool:
        spec = one["spec"]
        renewed = spec["username"] == name and may(self._api, spec, _RENEWAL)
        return renewed or spec["username"] == self._user

    def _approve(self, one: Object) -> None:
        approved = {
            "type": "Approved",
            "status": "True",
            "reason": "AutoApprovedByHubCSRApprovingController",
            "message": "Auto approving Managed cluster agent certificate after SubjectAccessReview.",
            "lastUpdateTime": conditions.now(),
        }
        self._api.update(CSR, {**one, "status": {**one.get("status", {}), "conditions": [approved]}}, part="approval")


_RENEWAL = {
    "group": f"register.{OCM}",
    "resource": "managedclusters",
    "verb": "renew",
    "subresource": "clientcertificates",
}


def may(api: Api, user: dict[str, Any], attributes: dict[str, str]) -> bool:
    """Whether somebody may do something, as the API server sees it; `user` as in a CSR or an admission request."""
    spec = {name: user[name] for name in ("uid", "groups", "extra") if name in user}
    spec |= {"user": user["username"], "resourceAttributes": attributes}
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}
    return bool(api.ask("POST", _REVIEWS, review)["status"]["allowed"])


def common_name(one: Object) -> str | None:
    """Of a cluster's own request; None where label, organizations and name do not tell of the same cluster."""
    cluster = one["metadata"].get("labels", {}).get(LABEL)
    if cluster is None:
        return None
    try:
        subject = x509.load_pem_x509_csr(b64decode(one["spec"]["request"])).subject
    except ValueError:
        return None
    groups = {str(part.value) for part in subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)} - {GROUP}
    names = [str(part.value) for part in subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if groups != {f"{PREFIX}{cluster}"} or len(names) != 1 or not names[0].startswith(PREFIX):
        return None
    asked, _, agent = names[0].removeprefix(PREFIX).partition(":")
    return names[0] if asked == cluster and agent and ":" not in agent else None

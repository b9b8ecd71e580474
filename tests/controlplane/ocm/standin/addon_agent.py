"""OCM's add-ons on a spoke: certificates for what `status.registrations` asks for, and availability by a lease."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from controlplane.ocm.kinds import ADDON, CSR, LEASE, OCM, SECRET
from controlplane.ocm.standin import work_conditions as conditions
from controlplane.ocm.standin.loop import Loop
from controlplane.ocm.standin.registration_approval import SIGNER
from controlplane.ocm.standin.registration_certificates import Certificate, Subject, Wanted
from controlplane.ocm.standin.registration_rbac import LABEL

if TYPE_CHECKING:
    from controlplane.ocm.api import Object
    from controlplane.ocm.standin.loop import Mirror

_ADDON_LABEL = f"{OCM}/addon-name"
_NAMESPACE = "open-cluster-management-agent-addon"
_CHECK = 300.0  # seconds; sooner when a Secret, a request or an add-on has changed
_LEASES = 1.0
_GRACE = timedelta(seconds=5 * 60)


class AddonAgent:
    def __init__(self, hub: Mirror, spoke: Mirror, cluster: str, kubeconfig: bytes) -> None:
        self._hub, self._spoke, self._cluster, self._kubeconfig = hub.api, spoke.api, cluster, kubeconfig
        self._addons = hub.of(ADDON, cluster)
        self._running: dict[str, dict[Wanted, Certificate]] = {}
        requests = hub.of(CSR, labels=f"{LABEL}={cluster},{_ADDON_LABEL}")
        self.loops = [
            Loop("add-on certificates", self.register, self._addons, requests, spoke.of(SECRET)),
            Loop("add-on leases", self.look_at_leases, self._addons),
        ]

    def register(self) -> float:
        errors: list[Exception] = []
        addons = {one["metadata"]["name"]: one for one in self._addons.all()}
        for name in set(self._running) - set(addons):
            self._forget(self._running.pop(name), set())
        for name, addon in addons.items():
            if addon["metadata"].get("deletionTimestamp"):
                continue  # its agent may still need them
            wanted = set(self._wanted(self._with_driver(addon)))
            running = self._running.setdefault(name, {})
            self._forget(running, wanted)
            for one in sorted(wanted - set(running), key=lambda one: one.secret):
                running[one] = Certificate(self._hub, self._spoke, one, lambda said, name=name: self._say(name, said))
            errors += [error for one in running.values() if (error := _step(one))]
        if errors:
            raise errors[0]
        return _CHECK

    def look_at_leases(self) -> float:
        for addon in self._addons.all():
            name = addon["metadata"]["name"]
            if addon.get("status", {}).get("healthCheck", {}).get("mode") == "Customized":
                continue
            lease = self._spoke.get(LEASE, name, _namespace(addon))
            self._say(name, _available(name, lease))
        return _LEASES

    def _wanted(self, addon: Object) -> list[Wanted]:
        """None for two of the same signer: they would share a Secret."""
        return [self._one(addon, one) for one in addon.get("status", {}).get("registrations", []) if one["signerName"]]

    def _one(self, addon: Object, registration: Object) -> Wanted:
        name, signer = addon["metadata"]["name"], registration["signerName"]
        subject = registration.get("subject") or {}
        group = f"system:open-cluster-management:cluster:{self._cluster}:addon:{name}"
        groups = tuple(subject.get("groups") or ())
        more = [("cluster-name", self._cluster.encode())]
        secret = f"{name}-{signer.replace('/', '-')}-client-cert"
        if signer == SIGNER:
            groups, secret = groups or (group,), f"{name}-hub-kubeconfig"
            more.append(("kubeconfig", self._kubeconfig))
        return Wanted(
            f"addon-{self._cluster}-{name}-",
            ((LABEL, self._cluster), (_ADDON_LABEL, name)),
            Subject(
                subject.get("user") or f"{group}:agent:{name}", groups, tuple(subject.get("organizationUnits") or ())
            ),
            signer,
            _namespace(addon),
            secret,
            tuple(more),
            f"{name}.addon.{OCM}",
        )

    def _with_driver(self, addon: Object) -> Object:
        status = addon.get("status", {})
        asked = any(one["signerName"] == SIGNER for one in status.get("registrations", []))
        if not asked or status.get("kubeClientDriver") == "csr":
            return addon
        change = {"status": {"kubeClientDriver": "csr"}}
        return self._hub.patch(ADDON, addon["metadata"]["name"], change, namespace=self._cluster, part="status")

    def _forget(self, running: dict[Wanted, Certificate], wanted: set[Wanted]) -> None:
        """What is no longer asked for has no Secret."""
        for one in set(running) - wanted:
            self._spoke.delete(SECRET, one.secret, one.namespace)
            del running[one]

    def _say(self, name: str, condition: Object) -> None:
        addon = self._addons.get(name)
        if addon is None:
            return
        known = copy.deepcopy(conditions.of(addon))
        conditions.put(known, condition)
        if known != conditions.of(addon):
            change = {"metadata": {"resourceVersion": addon["metadata"]["resourceVersion"]}}
            change |= {"status": {"conditions": known}}
            self._hub.patch(ADDON, name, change, namespace=self._cluster, part="status")


def _step(certificate: Certificate) -> Exception | None:
    """The others go on when one fails."""
    try:
        certificate.step()
    except Exception as error:  # noqa: BLE001 - raised again by the caller
        return error
    return None


def _namespace(addon: Object) -> str:
    namespace = addon.get("status", {}).get("namespace") or addon["spec"].get("installNamespace") or _NAMESPACE
    return str(namespace)


def _available(name: str, lease: Object | None) -> Object:
    if lease is None:
        reason, said = "ManagedClusterAddOnLeaseNotFound", f"The status of {name} add-on is unknown."
        return conditions.condition("Available", "Unknown", reason, said)
    renewed = datetime.fromisoformat(lease["spec"]["renewTime"])
    if datetime.now(UTC) < renewed + _GRACE:
        reason, said = "ManagedClusterAddOnLeaseUpdated", f"{name} add-on is available."
        return conditions.condition("Available", "True", reason, said)
    reason, said = "ManagedClusterAddOnLeaseUpdateStopped", f"{name} add-on is not available."
    return conditions.condition("Available", "False", reason, said)

"""OCM's registration agent on a spoke: gets the spoke its identity on the hub, and says how the cluster is."""

from __future__ import annotations

import copy
import json
import random
import time
from base64 import b64decode
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx2 as httpx

from controlplane.ocm.api import Refused
from controlplane.ocm.kinds import CLAIM, CLUSTER, LEASE, NODE, SECRET
from controlplane.ocm.standin import work_conditions as conditions
from controlplane.ocm.standin.loop import Loop
from controlplane.ocm.standin.registration_approval import GROUP, PREFIX, SIGNER
from controlplane.ocm.standin.registration_certificates import Certificate, Subject, Wanted
from controlplane.ocm.standin.registration_rbac import LABEL
from controlplane.ocm.standin.registration_resources import total

if TYPE_CHECKING:
    from pathlib import Path

    from controlplane.ocm.api import Api, Object
    from controlplane.ocm.standin.loop import Mirror

NAMESPACE = "open-cluster-management-agent"
_SECRET = "hub-kubeconfig-secret"  # noqa: S105 - a name
_LEASE = "managed-cluster-lease"
_CLAIMS = 20
_ALWAYS_SHOWN = ("id.k8s.io", "kubeversion.open-cluster-management.io", "platform.open-cluster-management.io")
_ALWAYS_SHOWN += ("product.open-cluster-management.io", "clusterset.k8s.io")
_HIDDEN = "open-cluster-management.io/spoke-only"
_HEALTH = 5.0
_JITTER = 0.25


def kubeconfig_beside(bootstrap: Api) -> bytes:
    """The hub as the bootstrap kubeconfig has it, with the certificate in files beside the kubeconfig."""
    cluster = bootstrap.config.cluster
    where = {"server": cluster.server, "certificate-authority-data": cluster.certificate_auth_data}
    user = {"client-certificate": "tls.crt", "client-key": "tls.key"}
    context = {"cluster": "hub", "user": "default-auth", "namespace": "configuration"}
    said = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "hub", "cluster": where}],
        "users": [{"name": "default-auth", "user": user}],
        "contexts": [{"name": "default-context", "context": context}],
        "current-context": "default-context",
    }
    return json.dumps(said, indent=1).encode()


def own_certificate(hub: Api, spoke: Api, cluster: str, kubeconfig: bytes) -> Certificate:
    agent = f"{cluster}-agent"
    more = (("agent-name", agent.encode()), ("cluster-name", cluster.encode()), ("kubeconfig", kubeconfig))
    subject = Subject(f"{PREFIX}{cluster}:{agent}", (f"{PREFIX}{cluster}", GROUP))
    wanted = Wanted(f"{cluster}-", ((LABEL, cluster),), subject, SIGNER, NAMESPACE, _SECRET, more)
    return Certificate(hub, spoke, wanted, lambda _condition: None)


def join(bootstrap: Api, spoke: Api, cluster: str, folder: Path) -> Path:
    """The kubeconfig of the spoke's own identity on the hub, as files; asks for it where there is none yet."""
    if bootstrap.get(CLUSTER, cluster) is None:
        bootstrap.create(CLUSTER, {"metadata": {"name": cluster}, "spec": {"hubAcceptsClient": False}})
    certificate = own_certificate(bootstrap, spoke, cluster, kubeconfig_beside(bootstrap))
    while not certificate.is_fresh() and not certificate.step():
        time.sleep(0.1)
    return write(spoke, folder)


def write(spoke: Api, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in spoke.ask("GET", SECRET.of({"name": _SECRET, "namespace": NAMESPACE}))["data"].items():
        path = folder / name
        path.touch(mode=0o600)
        path.write_bytes(b64decode(value))
    return folder / "kubeconfig"


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Status:
    """Conditions, version, resources and claims of the ManagedCluster, and its lease."""

    def __init__(self, hub: Mirror, spoke: Mirror, cluster: str) -> None:
        self._hub, self._spoke, self._name = hub.api, spoke.api, cluster
        self._cluster, self._nodes, self._claims = hub.of(CLUSTER, name=cluster), spoke.of(NODE), spoke.of(CLAIM)
        self._renewed, self._every = 0.0, 0.0
        self.loops = [
            Loop("status", self.report, self._cluster, self._nodes, self._claims),
            Loop("lease", self.renew, self._cluster),
        ]

    def report(self) -> float:
        cluster = self._cluster.get(self._name)
        if cluster is None or not conditions.is_true(conditions.of(cluster), "HubAcceptedManagedCluster"):
            return _HEALTH
        status = copy.deepcopy(cluster["status"])
        if not conditions.is_true(status["conditions"], "ManagedClusterJoined"):
            said = ("ManagedClusterJoined", "Managed cluster joined")
            conditions.put(status["conditions"], conditions.condition("ManagedClusterJoined", "True", *said))
        available = self._health()
        conditions.put(status["conditions"], available)
        if available["status"] == "True":
            status |= self._seen(status)
        if status != cluster["status"]:
            self._hub.update(CLUSTER, {**cluster, "status": status}, part="status")
        return _HEALTH

    def renew(self) -> float | None:
        cluster = self._cluster.get(self._name)
        if cluster is None or not conditions.is_true(conditions.of(cluster), "HubAcceptedManagedCluster"):
            return None
        seconds = float(cluster["spec"].get("leaseDurationSeconds") or 60)
        if seconds != self._every:
            self._every, self._renewed = seconds, 0.0
        left = self._renewed + seconds - time.monotonic()
        if left > 0:
            return left
        lease = self._hub.get(LEASE, _LEASE, self._name)
        if lease is None:
            return 0.2
        lease["spec"]["renewTime"] = _now()
        self._hub.update(LEASE, lease)
        self._renewed = time.monotonic() + random.uniform(0, _JITTER) * seconds  # noqa: S311 - spreads renewals
        return seconds

    def _health(self) -> Object:
        kind = "ManagedClusterConditionAvailable"
        try:
            self._spoke.ask_text("/livez")
        except (Refused, httpx.HTTPError) as error:
            message = f"The kube-apiserver is not ok, status code: {getattr(error, 'code', 0)}, {error}"
            return conditions.condition(kind, "False", "ManagedClusterKubeAPIServerUnavailable", message)
        return conditions.condition(kind, "True", "ManagedClusterAvailable", "Managed cluster is available")

    def _seen(self, status: Object) -> Object:
        nodes = self._nodes.all()
        usable = [node for node in nodes if not node["spec"].get("unschedulable")]
        seen = {
            "version": {"kubernetes": self._spoke.ask("GET", "/version")["gitVersion"]},
            "capacity": status.get("capacity", {}) | total(nodes, "capacity"),
            "allocatable": total(usable, "allocatable"),
            "clusterClaims": self._shown_claims(),
        }
        return {name: value for name, value in seen.items() if value or name in status}

    def _shown_claims(self) -> list[Object]:
        """Custom ones beyond the first twenty by name are dropped."""
        claims = [one for one in self._claims.all() if _HIDDEN not in one["metadata"].get("labels", {})]
        said = [{"name": one["metadata"]["name"], "value": one["spec"].get("value", "")} for one in claims]
        said.sort(key=lambda one: one["name"])
        always = [one for one in said if one["name"] in _ALWAYS_SHOWN]
        return always + [one for one in said if one["name"] not in _ALWAYS_SHOWN][:_CLAIMS]

"""What a spoke may do on the hub: roles and bindings as OCM writes them for each accepted cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from controlplane.ocm.kinds import (
    ADDONS,
    CLUSTER_ROLE_BINDING,
    CLUSTERS,
    OCM,
    ROLE,
    ROLE_BINDING,
    WORKS,
)

if TYPE_CHECKING:
    from controlplane.ocm.api import Object
    from controlplane.rest import Kind

LABEL = f"{OCM}/cluster-name"
WORK_FINALIZER = f"{CLUSTERS}/manifest-work-cleanup"
_GROUP = "rbac.authorization.k8s.io"
_NAME = "open-cluster-management:managedcluster"
Wanted = tuple["Kind", "Object"]


def of_all() -> list[Wanted]:
    """Roles that the clusters share, each for its own namespace."""
    registration = [
        _rule("coordination.k8s.io", "leases", "get", "list", "watch", "update"),
        _rule(ADDONS, "managedclusteraddons", "get", "list", "watch"),
        _rule(ADDONS, "managedclusteraddons/status", "patch", "update"),
        _rule("events.k8s.io", "events", "create"),
    ]
    work = [
        {"apiGroups": ["", "events.k8s.io"], "resources": ["events"], "verbs": ["create", "patch", "update"]},
        _rule(WORKS, "manifestworks", "get", "list", "watch", "update", "patch"),
        _rule(WORKS, "manifestworks/status", "patch", "update"),
    ]
    return [_role(f"{_NAME}:registration", "", registration), _role(f"{_NAME}:work", "", work)]


def of_cluster(name: str, *, accepted: bool) -> list[Wanted]:
    """Cluster-wide; a spoke that is denied may still look at its own ManagedCluster."""
    own = _rule(CLUSTERS, "managedclusters", "get", "list", *(["update"] if accepted else []), "watch")
    rules = [own | {"resourceNames": [name]}]
    if accepted:
        requests = _rule("certificates.k8s.io", "certificatesigningrequests", "create", "get", "list", "watch")
        renewal = _rule(f"register.{OCM}", "managedclusters/clientcertificates", "renew")
        status = _rule(CLUSTERS, "managedclusters/status", "patch", "update") | {"resourceNames": [name]}
        rules = [requests, renewal, *rules, status]
    role = f"{_NAME}:{name}"
    return [_role(role, name, rules), (CLUSTER_ROLE_BINDING, _binding({"name": role}, name, role))]


def in_namespace(name: str) -> list[Wanted]:
    """Only while it is accepted; the one for works stays until the last of them is gone."""
    wanted = []
    for part, finalizers in (("registration", []), ("work", [WORK_FINALIZER])):
        metadata = {"name": f"{_NAME}:{name}:{part}", "namespace": name}
        metadata |= {"finalizers": finalizers} if finalizers else {}
        wanted.append((ROLE_BINDING, _binding(metadata, name, f"{_NAME}:{part}")))
    return wanted


def differs(one: Object | None, wanted: Object) -> bool:
    if one is None:
        return True
    return any(one.get(part) != wanted[part] for part in ("rules", "roleRef", "subjects") if part in wanted)


def _rule(group: str, resource: str, *verbs: str) -> dict[str, list[str]]:
    return {"apiGroups": [group], "resources": [resource], "verbs": list(verbs)}


def _role(name: str, cluster: str, rules: list[dict[str, Any]]) -> Wanted:
    return ROLE, {"metadata": {"name": name, "labels": {LABEL: cluster}}, "rules": rules}


def _binding(metadata: dict[str, Any], cluster: str, role: str) -> Object:
    groups = (f"system:open-cluster-management:{cluster}", f"open-cluster-management:{cluster}")
    return {
        "metadata": {**metadata, "labels": {LABEL: cluster}},
        "roleRef": {"apiGroup": _GROUP, "kind": "ClusterRole", "name": role},
        "subjects": [{"apiGroup": _GROUP, "kind": "Group", "name": group} for group in groups],
    }

"""Who may do what, as OCM's own installation gives it: no agent is a cluster-admin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from controlplane import kubeconfigs
from controlplane.ocm import kinds
from controlplane.ocm.api import Api
from controlplane.ocm.kinds import CLUSTER_ROLE_BINDING, CLUSTERS, OCM, ROLE, WORKS
from controlplane.rest import Kind

if TYPE_CHECKING:
    from pathlib import Path

    from controlplane.cluster import Cluster

HUB_NAMESPACE = "open-cluster-management-hub"
AGENT_NAMESPACE = "open-cluster-management-agent"
ADDON_NAMESPACE = "open-cluster-management-agent-addon"
BOOTSTRAP_USER = "bootstrap"
AGGREGATE = f"{OCM}/aggregate-to-work"
_ALL = ("get", "list", "watch", "create", "update", "patch", "delete")
_READ = ("get", "list", "watch")
_LOCAL_ROLE = Kind("rbac.authorization.k8s.io/v1", "Role", "roles", namespaced=True)
_ACCOUNT = Kind("v1", "ServiceAccount", "serviceaccounts", namespaced=True)
_DAY = 24 * 3600
_PREFIX = "open-cluster-management:klusterlet"


def allow_bootstrap(api: Api) -> None:
    """A new spoke's first identity on the hub."""
    rules = [
        _rule("", "configmaps", "get"),
        _rule("certificates.k8s.io", "certificatesigningrequests", "create", *_READ),
        _rule(CLUSTERS, "managedclusters", "create", *_READ),
        _rule(CLUSTERS, "managedclustersets/join", "create"),
    ]
    _grant(api, "open-cluster-management:bootstrap", rules, {"kind": "User", "name": BOOTSTRAP_USER})


def prepare_spoke(api: Api) -> None:
    """Namespaces and rights of both agents."""
    for name in (AGENT_NAMESPACE, ADDON_NAMESPACE):
        api.apply(kinds.NAMESPACE, {"metadata": {"name": name}})
    for part in ("registration", "work"):
        account = _account(part)
        api.apply(_ACCOUNT, {"metadata": {name: account[name] for name in ("name", "namespace")}})
        metadata = {"name": f"{_PREFIX}-{part}:extension-apiserver", "namespace": "kube-system"}
        role = "extension-apiserver-authentication-reader"
        api.apply(kinds.ROLE_BINDING, {"metadata": metadata, **_refers("Role", role, account)})
    registration, work = _account("registration"), _account("work")
    _grant(api, f"{_PREFIX}-registration:agent", _REGISTRATION, registration)
    _grant(api, f"{_PREFIX}-registration:addon-management", _ADDON_MANAGEMENT, registration)
    _grant_locally(api, "registration", registration)
    _grant(api, f"{_PREFIX}-work:agent", _WORK, work)
    _grant_locally(api, "work", work)
    labels = {AGGREGATE: "true"}
    api.apply(ROLE, {"metadata": {"name": f"{_PREFIX}-work:execution", "labels": labels}, "rules": _EXECUTION})
    chosen = {"clusterRoleSelectors": [{"matchLabels": labels}]}
    api.apply(ROLE, {"metadata": {"name": f"{_PREFIX}-work:aggregate"}, "aggregationRule": chosen})
    _bind(api, f"{_PREFIX}-work:aggregate", f"{_PREFIX}-work:aggregate", work)
    _bind(api, f"{_PREFIX}-work:execution-admin", "admin", work)


def kubeconfig(cluster: Cluster, part: str) -> Path:
    """Of the agent `registration` or `work` at its own cluster: its service account, with a token."""
    wanted = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": _DAY}}
    api = Api(cluster.admin, manager="ocm-install")
    token = api.ask("POST", f"{_ACCOUNT.of(_account(part))}/token", wanted)["status"]["token"]
    api.close()
    said = kubeconfigs.kubeconfig(cluster.url, authority=cluster.authority.pem, user={"token": token})
    return kubeconfigs.write(cluster.folder / f"{part}.kubeconfig", said)


def _account(part: str) -> dict[str, str]:
    return {"kind": "ServiceAccount", "namespace": AGENT_NAMESPACE, "name": f"klusterlet-{part}-sa"}


def _rule(groups: str, resources: str, *verbs: str) -> dict[str, list[str]]:
    """Several groups or resources with commas between; the core group is empty."""
    return {"apiGroups": groups.split(","), "resources": resources.split(","), "verbs": list(verbs)}


_REGISTRATION = [
    _rule("", "nodes", *_READ),
    _rule("", "namespaces", "create", "update", "patch", *_READ),
    _rule(CLUSTERS, "clusterclaims", *_READ),
    _rule("about.k8s.io", "clusterproperties", *_READ),
]
_ADDON_MANAGEMENT = [
    _rule("", "secrets", *_ALL),
    _rule("coordination.k8s.io", "leases", "create", "update", "patch", *_READ),
]
_WORK = [
    _rule(WORKS, "appliedmanifestworks", *_ALL),
    _rule(WORKS, "appliedmanifestworks/status", "patch", "update"),
    _rule(WORKS, "appliedmanifestworks/finalizers", "update"),
    _rule("authorization.k8s.io", "subjectaccessreviews", "create"),
    _rule("", "serviceaccounts", "impersonate"),
]
# Beyond Kubernetes' own `admin`; whatever else a work holds needs a ClusterRole with the label AGGREGATE.
_EXECUTION = [
    _rule("apiextensions.k8s.io", "customresourcedefinitions", "create", "update", "delete", *_READ),
    _rule("", "namespaces", "create", "update", "patch", "delete"),
    _rule("rbac.authorization.k8s.io", "clusterrolebindings,rolebindings", *_ALL),
    _rule("rbac.authorization.k8s.io", "clusterroles,roles", "escalate", "bind", *_ALL),
    _rule("monitoring.coreos.com", "servicemonitors", *_ALL),
    _rule("oauth.openshift.io", "oauthclients", *_ALL),
    _rule("scheduling.k8s.io", "priorityclasses", *_ALL),
    _rule(
        "admissionregistration.k8s.io",
        "mutatingwebhookconfigurations,validatingwebhookconfigurations",
        *("create", "update", "patch", *_READ),
    ),
]
_LOCAL = [
    _rule("", "configmaps,secrets", *_ALL),
    _rule("", "pods", "get"),
    _rule("apps", "replicasets", "get"),
    _rule("coordination.k8s.io", "leases", "create", "update", "patch", *_READ),
    _rule(",events.k8s.io", "events", "create", "patch", "update"),
]


def _grant(api: Api, name: str, rules: list[dict[str, Any]], subject: dict[str, str]) -> None:
    api.apply(ROLE, {"metadata": {"name": name}, "rules": rules})
    _bind(api, name, name, subject)


def _bind(api: Api, name: str, role: str, subject: dict[str, str]) -> None:
    api.apply(CLUSTER_ROLE_BINDING, {"metadata": {"name": name}, **_refers("ClusterRole", role, subject)})


def _grant_locally(api: Api, part: str, subject: dict[str, str]) -> None:
    """In the agents' own namespace; only the registration agent keeps Secrets there."""
    metadata = {"name": f"open-cluster-management:management:klusterlet-{part}:agent", "namespace": AGENT_NAMESPACE}
    rules = _LOCAL if part == "registration" else [_rule("", "configmaps", *_ALL), *_LOCAL[1:]]
    api.apply(_LOCAL_ROLE, {"metadata": metadata, "rules": rules})
    api.apply(kinds.ROLE_BINDING, {"metadata": metadata, **_refers("Role", metadata["name"], subject)})


def _refers(kind: str, role: str, subject: dict[str, str]) -> dict[str, Any]:
    group = "rbac.authorization.k8s.io"
    whole = subject if subject["kind"] == "ServiceAccount" else {"apiGroup": group, **subject}
    return {"roleRef": {"apiGroup": group, "kind": kind, "name": role}, "subjects": [whole]}

"""Guard rails on the spokes, as an OCM Policy that reports: is what the namespace's work brought still in force?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from covey_core import names
from covey_core.render.network import deny_all
from covey_core.render.objects import manifest

if TYPE_CHECKING:
    from covey_core.manifests import Manifest
    from covey_core.model.fleet import Namespace

_GROUP = "policy.open-cluster-management.io"


def guard_rails(namespace: Namespace) -> tuple[Manifest, ...]:
    """Policy and binding; it informs only, since the work agent restores what is missing."""
    name = namespace.name
    policy = manifest(
        f"{_GROUP}/v1",
        "Policy",
        name=names.GUARD_RAILS,
        namespace=name,
        spec={
            "disabled": False,
            "remediationAction": "inform",
            "policy-templates": [{"objectDefinition": _configuration(name)}],
        },
    )
    binding = manifest(
        f"{_GROUP}/v1",
        "PlacementBinding",
        name=names.GUARD_RAILS,
        namespace=name,
        placementRef={
            "apiGroup": "cluster.open-cluster-management.io",
            "kind": "Placement",
            "name": names.CLUSTERS_PLACEMENT,
        },
        subjects=[{"apiGroup": _GROUP, "kind": "Policy", "name": names.GUARD_RAILS}],
    )
    return (policy, binding)


def _configuration(namespace: str) -> dict[str, Any]:
    restricted = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": namespace, "labels": {"pod-security.kubernetes.io/enforce": "restricted"}},
    }
    denied = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "covey-default-deny", "namespace": namespace},
        "spec": deny_all(),
    }
    return {
        "apiVersion": f"{_GROUP}/v1",
        "kind": "ConfigurationPolicy",
        "metadata": {"name": f"{names.GUARD_RAILS}-{namespace}"},
        "spec": {
            "remediationAction": "inform",
            "severity": "high",
            "object-templates": [
                {"complianceType": "musthave", "objectDefinition": restricted},
                {"complianceType": "musthave", "objectDefinition": denied},
            ],
        },
    }

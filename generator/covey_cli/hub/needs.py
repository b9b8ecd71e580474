"""What Covey needs a hub to serve, and who brings it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from covey_core.names import API_VERSION, GROUP, LEARNING_API_VERSION

from .connection import Resource

OCM: Final = "open-cluster-management.io"
CLUSTERS: Final = Resource(f"cluster.{OCM}", "v1", "ManagedCluster", "managedclusters", namespaced=False)
CLUSTER_SETS: Final = Resource(f"cluster.{OCM}", "v1beta2", "ManagedClusterSet", "managedclustersets", namespaced=False)
REPLICA_SETS: Final = Resource(
    f"work.{OCM}", "v1alpha1", "ManifestWorkReplicaSet", "manifestworkreplicasets", namespaced=True
)
CLUSTER_MANAGERS: Final = Resource(f"operator.{OCM}", "v1", "ClusterManager", "clustermanagers", namespaced=False)
CRDS: Final = Resource(
    "apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", namespaced=False
)
LEARNING_CRD: Final = "federatedlearnings.federation-ai.open-cluster-management.io"


@dataclass(frozen=True, slots=True)
class Need:
    """Kinds that come together; `vital` where no job runs without them."""

    name: str
    kinds: tuple[tuple[str, str], ...]
    advice: str
    vital: bool = True


NEEDS: Final = (
    Need(
        "Covey's kinds",
        (
            *((API_VERSION, kind) for kind in ("Collaboration", "DataSet", "FederatedRun", "Fleet")),
            (LEARNING_API_VERSION, "FederatedLearning"),
        ),
        "`covey schema crds | kubectl apply --server-side -f -` installs them.",
    ),
    Need(
        "OCM's kinds",
        (
            (f"cluster.{OCM}/v1", "ManagedCluster"),
            (f"cluster.{OCM}/v1beta2", "ManagedClusterSet"),
            (f"cluster.{OCM}/v1beta2", "ManagedClusterSetBinding"),
            (f"cluster.{OCM}/v1beta1", "Placement"),
            (f"cluster.{OCM}/v1beta1", "PlacementDecision"),
            (f"work.{OCM}/v1", "ManifestWork"),
            (f"work.{OCM}/v1alpha1", "ManifestWorkReplicaSet"),
            (f"addon.{OCM}/v1alpha1", "ClusterManagementAddOn"),
            (f"addon.{OCM}/v1alpha1", "ManagedClusterAddOn"),
        ),
        "`clusteradm init` makes a cluster a hub of Open Cluster Management.",
    ),
    Need(
        "policy framework",
        ((f"policy.{OCM}/v1", "Policy"), (f"policy.{OCM}/v1", "PlacementBinding")),
        "`clusteradm install hub-addon --names governance-policy-framework` brings it; the guard rails need it.",
        vital=False,
    ),
    Need(
        "Argo CD",
        tuple(("argoproj.io/v1alpha1", kind) for kind in ("AppProject", "Application", "ApplicationSet")),
        "Install Argo CD on the hub, or apply rendered/ in another way.",
        vital=False,
    ),
)

# What Covey renders for the hub and nobody else has a reason to change; a claim's volume is Kubernetes' to write.
RENDERED: Final = (
    Resource(f"cluster.{OCM}", "v1beta1", "Placement", "placements", namespaced=True),
    Resource(f"cluster.{OCM}", "v1beta2", "ManagedClusterSetBinding", "managedclustersetbindings", namespaced=True),
    REPLICA_SETS,
    Resource(f"federation-ai.{OCM}", "v1alpha1", "FederatedLearning", "federatedlearnings", namespaced=True),
    Resource(GROUP, "v1alpha1", "DataSet", "datasets", namespaced=False),
    Resource(GROUP, "v1alpha1", "Fleet", "fleets", namespaced=False),
    Resource("", "v1", "PodTemplate", "podtemplates", namespaced=True),
    Resource("", "v1", "Service", "services", namespaced=True),
    Resource("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", namespaced=True),
    Resource("rbac.authorization.k8s.io", "v1", "Role", "roles", namespaced=True),
    Resource("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", namespaced=True),
    Resource(f"policy.{OCM}", "v1", "Policy", "policies", namespaced=True),
)

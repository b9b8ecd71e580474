"""The kinds that OCM's parts read and write, in the versions that they are stored in."""

from __future__ import annotations

from controlplane.rest import Kind

CLUSTERS = "cluster.open-cluster-management.io"
ADDONS = "addon.open-cluster-management.io"
WORKS = "work.open-cluster-management.io"
OCM = "open-cluster-management.io"
_RBAC = "rbac.authorization.k8s.io/v1"

CLUSTER = Kind(f"{CLUSTERS}/v1", "ManagedCluster", "managedclusters", namespaced=False)
CLUSTER_SET = Kind(f"{CLUSTERS}/v1beta2", "ManagedClusterSet", "managedclustersets", namespaced=False)
BINDING = Kind(f"{CLUSTERS}/v1beta2", "ManagedClusterSetBinding", "managedclustersetbindings", namespaced=True)
PLACEMENT = Kind(f"{CLUSTERS}/v1beta1", "Placement", "placements", namespaced=True)
DECISION = Kind(f"{CLUSTERS}/v1beta1", "PlacementDecision", "placementdecisions", namespaced=True)
SCORE = Kind(f"{CLUSTERS}/v1alpha1", "AddOnPlacementScore", "addonplacementscores", namespaced=True)
CLAIM = Kind(f"{CLUSTERS}/v1alpha1", "ClusterClaim", "clusterclaims", namespaced=False)

ADDON_OF_ALL = Kind(f"{ADDONS}/v1alpha1", "ClusterManagementAddOn", "clustermanagementaddons", namespaced=False)
ADDON = Kind(f"{ADDONS}/v1alpha1", "ManagedClusterAddOn", "managedclusteraddons", namespaced=True)

WORK = Kind(f"{WORKS}/v1", "ManifestWork", "manifestworks", namespaced=True)
APPLIED_WORK = Kind(f"{WORKS}/v1", "AppliedManifestWork", "appliedmanifestworks", namespaced=False)
REPLICA_SET = Kind(f"{WORKS}/v1alpha1", "ManifestWorkReplicaSet", "manifestworkreplicasets", namespaced=True)

CSR = Kind("certificates.k8s.io/v1", "CertificateSigningRequest", "certificatesigningrequests", namespaced=False)
LEASE = Kind("coordination.k8s.io/v1", "Lease", "leases", namespaced=True)
NAMESPACE = Kind("v1", "Namespace", "namespaces", namespaced=False)
NODE = Kind("v1", "Node", "nodes", namespaced=False)
SECRET = Kind("v1", "Secret", "secrets", namespaced=True)
CRD = Kind("apiextensions.k8s.io/v1", "CustomResourceDefinition", "customresourcedefinitions", namespaced=False)
ROLE = Kind(_RBAC, "ClusterRole", "clusterroles", namespaced=False)
ROLE_BINDING = Kind(_RBAC, "RoleBinding", "rolebindings", namespaced=True)
CLUSTER_ROLE_BINDING = Kind(_RBAC, "ClusterRoleBinding", "clusterrolebindings", namespaced=False)

"""In which order a work's manifests are applied: what others need comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from controlplane.ocm.api import Object

_RANKS = (
    {"PriorityClass", "Namespace", "CustomResourceDefinition", "StorageClass", "PersistentVolume", "PodSecurityPolicy"},
    {"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"},
    {"NetworkPolicy", "ResourceQuota", "LimitRange", "PodDisruptionBudget", "ServiceAccount"},
    {"Secret", "ConfigMap", "PersistentVolumeClaim"},
    {"Service"},
    {
        *{"DaemonSet", "Pod", "ReplicationController", "ReplicaSet", "Deployment", "StatefulSet", "Job", "CronJob"},
        "HorizontalPodAutoscaler",
    },
    {
        *{"APIService", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"},
        *{"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"},
    },
)


def rank(manifest: Object) -> int:
    """Equal ranks keep the order in which they are written; unknown kinds come last."""
    return next((place for place, kinds in enumerate(_RANKS) if manifest.get("kind") in kinds), len(_RANKS))

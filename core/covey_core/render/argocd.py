"""What Argo CD needs: a project for each namespace, and one ApplicationSet that makes an Application of each job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covey_core import names
from covey_core.render.objects import WAVE_READY, manifest

if TYPE_CHECKING:
    from covey_core.manifests import Manifest
    from covey_core.model.fleet import Fleet, Namespace

API_VERSION = "argoproj.io/v1alpha1"
HUB = "https://kubernetes.default.svc"
_JOB_KINDS = (
    ("", "PersistentVolumeClaim"),
    ("", "PodTemplate"),
    ("", "Service"),
    ("cluster.open-cluster-management.io", "Placement"),
    ("federation-ai.open-cluster-management.io", "FederatedLearning"),
    ("route.openshift.io", "Route"),
    ("work.open-cluster-management.io", "ManifestWorkReplicaSet"),
)


def project(namespace: Namespace, fleet: Fleet) -> Manifest:
    """A team's jobs may make these kinds in its own namespace, and nothing else anywhere."""
    return manifest(
        API_VERSION,
        "AppProject",
        name=names.project(namespace.name),
        namespace=fleet.hub.argocd_namespace,
        wave=WAVE_READY,
        spec={
            "description": f"Federated jobs of the namespace {namespace.name}.",
            "sourceRepos": [fleet.hub.repository],
            "destinations": [{"server": HUB, "namespace": namespace.name}],
            "namespaceResourceWhitelist": [{"group": group, "kind": kind} for group, kind in _JOB_KINDS],
        },
    )


def jobs(fleet: Fleet) -> Manifest:
    """Server-side apply and server-side diff: the pair that stays Synced."""
    folder = "{{index .path.segments 1}}"
    template = {
        "metadata": {
            "name": folder + ".{{.path.basename}}",
            "annotations": {"argocd.argoproj.io/compare-options": "ServerSideDiff=true"},
            "finalizers": ["resources-finalizer.argocd.argoproj.io"],
        },
        "spec": {
            "project": f"{names.RESERVED_PREFIX}{folder}",
            "source": {
                "repoURL": fleet.hub.repository,
                "targetRevision": fleet.hub.branch,
                "path": "{{.path.path}}",
            },
            "destination": {"server": HUB, "namespace": folder},
            "syncPolicy": {
                "automated": {"prune": True, "selfHeal": True},
                "syncOptions": ["ServerSideApply=true"],
            },
        },
    }
    directories = [{"path": "rendered/*/*"}, {"path": f"rendered/{names.FLEET_FOLDER}/*", "exclude": True}]
    git = {"repoURL": fleet.hub.repository, "revision": fleet.hub.branch, "directories": directories}
    return manifest(
        API_VERSION,
        "ApplicationSet",
        name="covey-jobs",
        namespace=fleet.hub.argocd_namespace,
        spec={
            "goTemplate": True,
            "goTemplateOptions": ["missingkey=error"],
            "generators": [{"git": git}],
            "template": template,
        },
    )

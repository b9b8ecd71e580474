"""Which clusters a job may get: those that Git grants, of those the ones that claim the data."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from covey_core import names
from covey_core.render.objects import manifest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from covey_core.manifests import Manifest
    from covey_core.model.job import FederatedJob, Preferences

API_VERSION = "cluster.open-cluster-management.io/v1beta1"
_STEADY_WEIGHT = 10
_LOSS_TAINTS = ("cluster.open-cluster-management.io/unavailable", "cluster.open-cluster-management.io/unreachable")
Plain = dict[str, Any]


def job_placement(job: FederatedJob, clusters: Sequence[str], *, labels: Mapping[str, str]) -> Manifest:
    """No number of clusters: the hub chooses among those that acknowledge, best score first."""
    wanted = job.collaborators
    selector: Plain = {
        "celSelector": {"celExpressions": [granted(clusters)]},
        "claimSelector": {
            "matchExpressions": [
                {"key": names.cluster_claim(wanted.data_set), "operator": "In", "values": [names.DATA_PRESENT]},
            ],
        },
    }
    if wanted.require:
        selector["labelSelector"] = {
            "matchExpressions": [
                {"key": one.key, "operator": one.operator} | ({"values": list(one.values)} if one.values else {})
                for one in wanted.require
            ],
        }
    return placement(
        job.name,
        job.namespace,
        cluster_sets=wanted.cluster_sets,
        selector=selector,
        tolerations=[*_loss_tolerations(wanted.loss_seconds), *_tolerations(job)],
        prioritizers=_prioritizers(wanted.prefer),
        labels=labels,
    )


def placement(
    name: str,
    namespace: str,
    *,
    cluster_sets: Sequence[str],
    selector: Plain | None = None,
    tolerations: Sequence[Plain] = (),
    prioritizers: Sequence[Plain] = (),
    labels: Mapping[str, str] | None = None,
) -> Manifest:
    """A Placement whose decisions are sorted by score where scores matter."""
    spec: Plain = {"clusterSets": list(cluster_sets)}
    if selector:
        spec["predicates"] = [{"requiredClusterSelector": selector}]
    if prioritizers:
        spec["prioritizerPolicy"] = {"mode": "Exact", "configurations": list(prioritizers)}
        spec["sortBy"] = "Score"
    if tolerations:
        spec["tolerations"] = list(tolerations)
    return manifest(API_VERSION, "Placement", name=name, namespace=namespace, labels=labels, spec=spec)


def granted(clusters: Sequence[str]) -> str:
    """The CEL expression that holds for exactly these clusters: names, which a spoke can't change."""
    return f"managedCluster.metadata.name in {json.dumps(list(clusters))}"


def lasting_tolerations() -> list[Plain]:
    """For works that must stay however long a cluster is away."""
    return [{"key": key, "operator": "Exists"} for key in _LOSS_TAINTS]


def _loss_tolerations(seconds: int) -> list[Plain]:
    """A short loss of contact takes no cluster out of a run."""
    return [{"key": key, "operator": "Exists", "tolerationSeconds": seconds} for key in _LOSS_TAINTS]


def _tolerations(job: FederatedJob) -> list[Plain]:
    tolerations = []
    for one in job.collaborators.tolerations:
        toleration: Plain = {"key": one.key, "operator": one.operator}
        if one.operator == "Equal":
            toleration["value"] = one.value
        if one.seconds is not None:
            toleration["tolerationSeconds"] = one.seconds
        tolerations.append(toleration)
    return tolerations


def _prioritizers(prefer: Preferences) -> list[Plain]:
    """Steady weighs most, so that a change of scores alone moves nobody."""
    built_in = (("ResourceAllocatableCPU", prefer.cpu), ("ResourceAllocatableMemory", prefer.memory))
    chosen = [
        {"scoreCoordinate": {"type": "BuiltIn", "builtIn": name}, "weight": weight}
        for name, weight in built_in
        if weight
    ]
    if prefer.score and prefer.score.weight:
        add_on = {"resourceName": prefer.score.resource, "scoreName": prefer.score.name}
        chosen.append({"scoreCoordinate": {"type": "AddOn", "addOn": add_on}, "weight": prefer.score.weight})
    if not chosen:
        return []
    steady = {"scoreCoordinate": {"type": "BuiltIn", "builtIn": "Steady"}, "weight": _STEADY_WEIGHT}
    return [steady, *chosen]

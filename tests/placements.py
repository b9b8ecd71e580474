"""Objects on a hub, short to write, for tests of Placements."""

from __future__ import annotations

from datetime import UTC, datetime

from covey_core.placement import Placement, World, evaluate

GROUP = "cluster.open-cluster-management.io"
SET_LABEL = f"{GROUP}/clusterset"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NAMESPACE = "fl"


def cluster(name, *, of="default", labels=(), claims=(), taints=(), spec=(), status=(), leaving=False):
    """A ManagedCluster in the cluster set `of` (None: in no set)."""
    own = {} if of is None else {SET_LABEL: of}
    metadata = {"name": name, "labels": own | dict(labels)}
    if leaving:
        metadata["deletionTimestamp"] = "2026-11-23T11:00:00Z"
    listed = [{"name": key, "value": value} for key, value in dict(claims).items()]
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": "ManagedCluster",
        "metadata": metadata,
        "spec": {"hubAcceptsClient": True, "taints": list(taints), **dict(spec)},
        "status": {"clusterClaims": listed, **dict(status)},
    }


def resources(cpu, memory="1Gi"):
    amounts = {"cpu": cpu, "memory": memory}
    return {"allocatable": amounts, "capacity": amounts}


def taint(key, effect="NoSelect", *, value=None, added=None):
    given = {"value": value, "timeAdded": added}
    return {"key": key, "effect": effect} | {name: one for name, one in given.items() if one is not None}


def cluster_set(name, *, selector=None):
    """A ManagedClusterSet; with `selector` (a label selector) instead of the label."""
    chooser = {"selectorType": "ExclusiveClusterSetLabel"}
    if selector is not None:
        chooser = {"selectorType": "LabelSelector", "labelSelector": selector}
    return {
        "apiVersion": f"{GROUP}/v1beta2",
        "kind": "ManagedClusterSet",
        "metadata": {"name": name},
        "spec": {"clusterSelector": chooser},
    }


def binding(name, namespace=NAMESPACE):
    return {
        "apiVersion": f"{GROUP}/v1beta2",
        "kind": "ManagedClusterSetBinding",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"clusterSet": name},
    }


def scores(of, name, until=None, **values):
    status = {"scores": [{"name": key, "value": value} for key, value in values.items()]}
    if until is not None:
        status["validUntil"] = until
    return {
        "apiVersion": f"{GROUP}/v1alpha1",
        "kind": "AddOnPlacementScore",
        "metadata": {"name": name, "namespace": of},
        "status": status,
    }


def decision(placement, *clusters, namespace=NAMESPACE, number=1):
    return {
        "apiVersion": f"{GROUP}/v1beta1",
        "kind": "PlacementDecision",
        "metadata": {
            "name": f"{placement}-decision-{number}",
            "namespace": namespace,
            "labels": {f"{GROUP}/placement": placement},
        },
        "status": {"decisions": [{"clusterName": name, "reason": ""} for name in clusters]},
    }


def placement(name="all", **spec):
    return {
        "apiVersion": f"{GROUP}/v1beta1",
        "kind": "Placement",
        "metadata": {"name": name, "namespace": NAMESPACE, "uid": "1"},
        "spec": spec,
    }


def predicate(*, labels=None, claims=None, cel=None):
    """One predicate: match expressions of labels and of claims, CEL expressions."""
    selector = {}
    if labels is not None:
        selector["labelSelector"] = {"matchExpressions": labels}
    if claims is not None:
        selector["claimSelector"] = {"matchExpressions": claims}
    if cel is not None:
        selector["celSelector"] = {"celExpressions": cel}
    return {"requiredClusterSelector": selector}


def built_in(name, weight=1):
    return {"scoreCoordinate": {"type": "BuiltIn", "builtIn": name}, "weight": weight}


def add_on(resource, score, weight=1):
    coordinate = {"type": "AddOn", "addOn": {"resourceName": resource, "scoreName": score}}
    return {"scoreCoordinate": coordinate, "weight": weight}


def exactly(*prioritizers):
    return {"mode": "Exact", "configurations": list(prioritizers)}


DEFAULT = (cluster_set("default"), binding("default"))


def decide(wanted, *objects, now=NOW, default=True):
    """The outcome with these objects and, unless told otherwise, the bound set `default`."""
    return evaluate(Placement.of(wanted), World.of([*(DEFAULT if default else ()), *objects]), now=now)


def reasons(outcome):
    return {one.cluster: one.reason for one in outcome.others}


def satisfied(outcome):
    condition = outcome.conditions[1]
    return condition.status, condition.reason, condition.message

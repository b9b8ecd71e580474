"""Sites, Placements of every kind, and what OCM makes of them beside what our own evaluator makes of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from controlplane.ocm.kinds import (
    BINDING,
    CLUSTER,
    CLUSTER_SET,
    CLUSTERS,
    DECISION,
    NAMESPACE,
    PLACEMENT,
    SCORE,
)
from covey_core.placement import Placement, World, decision_objects, evaluate, status
from placements import add_on, built_in, exactly, predicate
from waiting import until

FLEET = "fleet"
ACCEPTED = {"open-cluster-management.io/automatically-accepted-on": "2026-11-23T00:00:00Z"}
# Name: set, labels, claims, taints, memory.
SITES = {
    "site-a": ("default", {"region": "eu"}, {"digits.data.covey.dev": "pvc/digits"}, [], "4Gi"),
    "site-b": ("default", {"region": "us"}, {"digits.data.covey.dev": "pvc/other"}, [], "8Gi"),
    "site-c": ("default", {"region": "eu"}, {}, [{"key": "gpu", "effect": "NoSelect", "value": "old"}], "2Gi"),
    "site-d": ("default", {}, {"faces.data.covey.dev": "x"}, [{"key": "slow", "effect": "PreferNoSelect"}], "1Gi"),
    "site-e": ("other", {"region": "eu"}, {"digits.data.covey.dev": "pvc/digits"}, [], "16Gi"),
}
SCORES = {"site-a": 10, "site-b": 90, "site-d": -20}
HAS_DIGITS = [{"key": "digits.data.covey.dev", "operator": "Exists"}]
NAMED = 'managedCluster.metadata.name in ["site-a", "site-c", "site-e"]'
CASES = {
    "everything": {},
    "no-sets": {"clusterSets": []},
    "one-set": {"clusterSets": ["other"]},
    "unbound": {"clusterSets": ["unbound"]},
    "set-by-labels": {"clusterSets": ["europe"]},
    "set-and-label": {
        "clusterSets": ["default", "europe"],
        "predicates": [predicate(labels=[{"key": "region", "operator": "Exists"}])],
    },
    "label-in": {"predicates": [predicate(labels=[{"key": "region", "operator": "In", "values": ["eu"]}])]},
    "label-missing": {"predicates": [predicate(labels=[{"key": "region", "operator": "DoesNotExist"}])]},
    "claim": {"predicates": [predicate(claims=HAS_DIGITS)]},
    "claim-value": {
        "predicates": [
            predicate(claims=[{"key": "digits.data.covey.dev", "operator": "NotIn", "values": ["pvc/other"]}])
        ]
    },
    "cel": {"predicates": [predicate(cel=[NAMED])]},
    "cel-and-claim": {"predicates": [predicate(cel=[NAMED], claims=HAS_DIGITS)]},
    "cel-labels": {"predicates": [predicate(cel=['managedCluster.metadata.labels["region"] == "eu"'])]},
    "either": {
        "predicates": [predicate(claims=HAS_DIGITS), predicate(cel=['managedCluster.metadata.name == "site-d"'])]
    },
    "nobody": {"predicates": [predicate(labels=[{"key": "region", "operator": "In", "values": ["mars"]}])]},
    "tolerating-all": {"tolerations": [{"operator": "Exists"}]},
    "tolerating-key": {"tolerations": [{"key": "gpu", "operator": "Exists"}]},
    "tolerating-value": {"tolerations": [{"key": "gpu", "operator": "Equal", "value": "old"}]},
    "tolerating-other": {"tolerations": [{"key": "gpu", "operator": "Equal", "value": "new"}]},
    "long-ago": {"tolerations": [{"key": "gpu", "operator": "Exists", "tolerationSeconds": 0}]},
    "a-while": {"tolerations": [{"key": "gpu", "operator": "Exists", "tolerationSeconds": 9999}]},
    "two": {"numberOfClusters": 2},
    "more-than-there-are": {"numberOfClusters": 9},
    "most-memory": {"numberOfClusters": 1, "prioritizerPolicy": exactly(built_in("ResourceAllocatableMemory"))},
    "best-score": {"numberOfClusters": 1, "prioritizerPolicy": exactly(add_on("covey", "rows"))},
    "worst-score": {"numberOfClusters": 1, "prioritizerPolicy": exactly(add_on("covey", "rows", -3))},
    "expired-score": {"numberOfClusters": 2, "prioritizerPolicy": exactly(add_on("covey-old", "rows", 3))},
    "weighed": {
        "numberOfClusters": 2,
        "prioritizerPolicy": exactly(add_on("covey", "rows", 1), built_in("ResourceAllocatableMemory", 2)),
    },
    "bad-weights": {"prioritizerPolicy": exactly({"scoreCoordinate": {"type": "AddOn"}, "weight": 1})},
    "bad-cel": {"predicates": [predicate(cel=["managedCluster.metadata.nonsense("])]},
    "groups": {"decisionStrategy": {"groupStrategy": {"clustersPerDecisionGroup": 2}}},
    "named-groups": {
        "decisionStrategy": {
            "groupStrategy": {
                "clustersPerDecisionGroup": "50%",
                "decisionGroups": [
                    {
                        "groupName": "canary",
                        "groupClusterSelector": {"labelSelector": {"matchLabels": {"region": "us"}}},
                    }
                ],
            }
        }
    },
}


def prepare(hub):
    """A namespace with three bound sets, and five clusters that nobody runs."""
    hub.create(NAMESPACE, {"metadata": {"name": FLEET}})
    for name in ("other", "unbound"):
        selector = {"selectorType": "ExclusiveClusterSetLabel"}
        hub.create(CLUSTER_SET, {"metadata": {"name": name}, "spec": {"clusterSelector": selector}})
    europe = {"selectorType": "LabelSelector", "labelSelector": {"matchLabels": {"region": "eu"}}}
    hub.create(CLUSTER_SET, {"metadata": {"name": "europe"}, "spec": {"clusterSelector": europe}})
    for name in ("default", "other", "europe"):
        hub.create(BINDING, {"metadata": {"name": name, "namespace": FLEET}, "spec": {"clusterSet": name}})
    for name, (of, labels, claims, taints, memory) in SITES.items():
        site(hub, name, of, labels=labels, claims=claims, memory=memory)
        if taints:
            hub.patch(CLUSTER, name, {"spec": {"taints": taints}})
    score(hub, "covey", SCORES)
    score(hub, "covey-old", SCORES, until=datetime.now(UTC) - timedelta(minutes=1))


def place(hub, name, *, metadata=None, **spec):
    return hub.create(PLACEMENT, {"metadata": {"name": name, "namespace": FLEET, **(metadata or {})}, "spec": spec})


def only(*names):
    listed = ", ".join(f'"{name}"' for name in names)
    return predicate(cel=[f"managedCluster.metadata.name in [{listed}]"])


def bare(hub, name):
    metadata = {"name": name, "labels": {f"{CLUSTERS}/clusterset": "default", "many": ""}, "annotations": ACCEPTED}
    hub.create(CLUSTER, {"metadata": metadata, "spec": {"hubAcceptsClient": False}})


def site(hub, name, of, *, labels=(), claims=(), memory="1Gi"):
    """Said to be available, or OCM would taint it."""
    known = {f"{CLUSTERS}/clusterset": of} | dict(labels)
    metadata = {"name": name, "labels": known, "annotations": ACCEPTED}
    hub.create(CLUSTER, {"metadata": metadata, "spec": {"hubAcceptsClient": False}})
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    available = {"type": "ManagedClusterConditionAvailable", "status": "True", "reason": "Test", "message": ""}
    told = [{"name": key, "value": value} for key, value in dict(claims).items()]
    amounts = {"cpu": "2", "memory": memory}
    seen = {"conditions": [available | {"lastTransitionTime": now}], "clusterClaims": told}
    hub.patch(CLUSTER, name, {"status": seen | {"capacity": amounts, "allocatable": amounts}}, part="status")
    until(lambda: not hub.get(CLUSTER, name)["spec"].get("taints"))


def score(hub, name, values, until=None):
    for cluster, value in values.items():
        if hub.get(NAMESPACE, cluster) is None:
            hub.create(NAMESPACE, {"metadata": {"name": cluster}})
        hub.create(SCORE, {"metadata": {"name": name, "namespace": cluster}})
        told = {"scores": [{"name": "rows", "value": value}]}
        told |= {"validUntil": until.strftime("%Y-%m-%dT%H:%M:%SZ")} if until else {}
        hub.patch(SCORE, name, {"status": told}, namespace=cluster, part="status")


def status_of(hub, name):
    return hub.get(PLACEMENT, name, FLEET).get("status", {})


def decisions(hub, name):
    return hub.list(DECISION, FLEET, labels=f"{CLUSTERS}/placement={name}")


def clusters_of(decision):
    return sorted(one["clusterName"] for one in decision.get("status", {}).get("decisions", []))


def chosen(hub, name):
    return sorted(name for one in decisions(hub, name) for name in clusters_of(one))


def differences(hub):
    """By Placement: what OCM has written, and what the evaluator makes of the same hub."""
    kinds = (CLUSTER, CLUSTER_SET, BINDING, SCORE, DECISION)
    world = World.of([one for kind in kinds for one in hub.list(kind)])
    now, found = datetime.now(UTC), {}
    for one in hub.list(PLACEMENT, FLEET):
        name, known = one["metadata"]["name"], one.get("status", {})
        outcome = evaluate(Placement.of(one), world, now=now)
        wanted = (_plain(status(outcome, now=now, previous=known)), _sliced(decision_objects(outcome)))
        seen = (_plain(known), _sliced(decisions(hub, name)))
        if seen != wanted:
            found[name] = f"{seen} is not {wanted}"
    return found


def _plain(said):
    """What is wrong with a Placement is said in the words of OCM's libraries."""
    conditions = [
        {key: one[key] for key in ("type", "status", "reason", "message") if key in one and not _is_prose(one, key)}
        for one in said.get("conditions", [])
    ]
    return {**said, "conditions": sorted(conditions, key=lambda one: one["type"])}


def _is_prose(condition, key):
    return key == "message" and condition["reason"] == "Misconfigured"


def _sliced(decisions):
    return {one["metadata"]["name"]: (one["metadata"]["labels"], clusters_of(one)) for one in decisions}

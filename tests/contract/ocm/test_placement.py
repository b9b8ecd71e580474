"""How OCM decides Placements: as our own evaluator says, which Covey's preview goes by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from controlplane.ocm.standin.kinds import (
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
from ocm_hub import condition, eventually, steadily
from placements import add_on, built_in, exactly, predicate

pytestmark = pytest.mark.ocm

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


@pytest.fixture
def fleet(hub):
    """A namespace with two bound sets, and five clusters that nobody runs."""
    hub.create(NAMESPACE, {"metadata": {"name": FLEET}})
    for name in ("other", "unbound"):
        selector = {"selectorType": "ExclusiveClusterSetLabel"}
        hub.create(CLUSTER_SET, {"metadata": {"name": name}, "spec": {"clusterSelector": selector}})
    for name in ("default", "other"):
        hub.create(BINDING, {"metadata": {"name": name, "namespace": FLEET}, "spec": {"clusterSet": name}})
    for name, (of, labels, claims, taints, memory) in SITES.items():
        _site(hub, name, of, labels=labels, claims=claims, memory=memory)
        if taints:
            hub.patch(CLUSTER, name, {"spec": {"taints": taints}})
    _score(hub, "covey", SCORES)
    _score(hub, "covey-old", SCORES, until=datetime.now(UTC) - timedelta(minutes=1))
    return hub


def test_every_kind_of_placement_is_decided_as_our_evaluator_says(fleet):
    for name, spec in CASES.items():
        _place(fleet, name, **spec)
    names = [one["metadata"]["name"] for one in fleet.list(PLACEMENT, FLEET)]
    assert names == sorted(CASES)
    last: dict[str, str] = {}

    def differing():
        """A Placement that balances over others may change until all are decided."""
        last.clear()
        last.update(_differences(fleet))
        return last

    eventually(lambda: not differing(), lambda: last)


def test_a_toleration_with_seconds_holds_a_cluster_for_so_long(fleet):
    tolerations = [{"key": "broken", "operator": "Exists", "tolerationSeconds": 3}]
    _place(fleet, "patient", tolerations=tolerations, predicates=[_only("site-a", "site-b")])
    eventually(lambda: _chosen(fleet, "patient") == ["site-a", "site-b"])
    fleet.patch(CLUSTER, "site-a", {"spec": {"taints": [{"key": "broken", "effect": "NoSelect"}]}})
    steadily(lambda: _chosen(fleet, "patient") == ["site-a", "site-b"], seconds=1)
    eventually(lambda: _chosen(fleet, "patient") == ["site-b"])


def test_no_new_cluster_is_chosen_while_it_is_tainted_and_a_chosen_one_stays(fleet):
    _place(fleet, "before", predicates=[_only("site-a", "site-b")])
    eventually(lambda: _chosen(fleet, "before") == ["site-a", "site-b"])
    fleet.patch(CLUSTER, "site-a", {"spec": {"taints": [{"key": "full", "effect": "NoSelectIfNew"}]}})
    _place(fleet, "after", predicates=[_only("site-a", "site-b")])
    eventually(lambda: _chosen(fleet, "after") == ["site-b"])
    assert _chosen(fleet, "before") == ["site-a", "site-b"]


def test_a_decision_stays_when_a_cluster_joins_that_is_as_good(fleet):
    _place(fleet, "steady", numberOfClusters=1, predicates=[_only("site-b", "site-aa")])
    eventually(lambda: _chosen(fleet, "steady") == ["site-b"])
    _site(fleet, "site-aa", "default")
    _place(fleet, "anew", predicates=[_only("site-aa")])
    eventually(lambda: _chosen(fleet, "anew") == ["site-aa"])
    assert _chosen(fleet, "steady") == ["site-b"]


def test_a_cluster_that_is_as_good_is_not_swapped_for_a_better_score_that_comes_too_late_or_goes(fleet):
    """A new score counts at once; there is no memory of old ones."""
    wanted = exactly(add_on("fresh", "rows"))
    _place(fleet, "scored", numberOfClusters=1, prioritizerPolicy=wanted, predicates=[_only("site-a", "site-b")])
    eventually(lambda: _chosen(fleet, "scored") == ["site-a"])
    _score(fleet, "fresh", {"site-a": 1, "site-b": 50})
    eventually(lambda: _chosen(fleet, "scored") == ["site-b"])


def test_decisions_of_more_than_a_hundred_clusters_come_in_slices(fleet):
    names = [f"many-{number:03}" for number in range(105)]
    for name in names:
        _bare(fleet, name)
    wanted = [predicate(labels=[{"key": "many", "operator": "Exists"}])]
    _place(fleet, "many", predicates=wanted, tolerations=[{"operator": "Exists"}])

    def slices():
        found = {one["metadata"]["name"]: one for one in _decisions(fleet, "many")}
        return {name: _clusters(one) for name, one in found.items()}

    full = {"many-decision-1": names[:100], "many-decision-2": names[100:]}
    eventually(lambda: slices() == full, slices)
    said = eventually(lambda: _status(fleet, "many"))
    assert said["numberOfSelectedClusters"] == 105
    (group,) = said["decisionGroups"]
    assert (group["clusterCount"], group["decisions"]) == (105, ["many-decision-1", "many-decision-2"])

    for name in names[:6]:
        fleet.patch(CLUSTER, name, {"metadata": {"labels": {"many": None}}})
    eventually(lambda: slices() == {"many-decision-1": names[6:]}, slices)


def test_decisions_go_with_their_placement(fleet):
    _place(fleet, "short", predicates=[_only("site-a")])
    eventually(lambda: _chosen(fleet, "short") == ["site-a"])
    (decision,) = _decisions(fleet, "short")
    (owner,) = decision["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["name"], owner["controller"]) == ("Placement", "short", True)
    fleet.delete(PLACEMENT, "short", FLEET)
    eventually(lambda: not _decisions(fleet, "short"))


def test_a_namespace_without_a_binding_gets_no_clusters(hub):
    hub.create(NAMESPACE, {"metadata": {"name": FLEET}})
    _place(hub, "alone")
    said = eventually(lambda: condition(hub.get(PLACEMENT, "alone", FLEET), "PlacementSatisfied"))
    assert said == ("False", "NoManagedClusterSetBindings", said[2])
    hub.create(BINDING, {"metadata": {"name": "default", "namespace": FLEET}, "spec": {"clusterSet": "default"}})
    eventually(lambda: _chosen(hub, "alone") == ["cluster1", "cluster2"])


def test_an_experimental_annotation_pauses_a_placement(fleet):
    metadata = {"annotations": {f"{CLUSTERS}/experimental-scheduling-disable": "true"}}
    _place(fleet, "paused", metadata=metadata)
    _place(fleet, "next")
    eventually(lambda: _status(fleet, "next"))
    assert not _status(fleet, "paused")


def _place(hub, name, *, metadata=None, **spec):
    return hub.create(PLACEMENT, {"metadata": {"name": name, "namespace": FLEET, **(metadata or {})}, "spec": spec})


def _only(*names):
    listed = ", ".join(f'"{name}"' for name in names)
    return predicate(cel=[f"managedCluster.metadata.name in [{listed}]"])


def _bare(hub, name):
    metadata = {"name": name, "labels": {f"{CLUSTERS}/clusterset": "default", "many": ""}, "annotations": ACCEPTED}
    hub.create(CLUSTER, {"metadata": metadata, "spec": {"hubAcceptsClient": False}})


def _site(hub, name, of, *, labels=(), claims=(), memory="1Gi"):
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
    eventually(lambda: not hub.get(CLUSTER, name)["spec"].get("taints"))


def _score(hub, name, values, until=None):
    for cluster, value in values.items():
        if hub.get(NAMESPACE, cluster) is None:
            hub.create(NAMESPACE, {"metadata": {"name": cluster}})
        hub.create(SCORE, {"metadata": {"name": name, "namespace": cluster}})
        told = {"scores": [{"name": "rows", "value": value}]}
        told |= {"validUntil": until.strftime("%Y-%m-%dT%H:%M:%SZ")} if until else {}
        hub.patch(SCORE, name, {"status": told}, namespace=cluster, part="status")


def _status(hub, name):
    return hub.get(PLACEMENT, name, FLEET).get("status", {})


def _decisions(hub, name):
    return hub.list(DECISION, FLEET, labels=f"{CLUSTERS}/placement={name}")


def _clusters(decision):
    return sorted(one["clusterName"] for one in decision.get("status", {}).get("decisions", []))


def _chosen(hub, name):
    return sorted(name for one in _decisions(hub, name) for name in _clusters(one))


def _differences(hub):
    """By Placement: what OCM has written, and what the evaluator makes of the same hub."""
    kinds = (CLUSTER, CLUSTER_SET, BINDING, SCORE, DECISION)
    world = World.of([one for kind in kinds for one in hub.list(kind)])
    now, found = datetime.now(UTC), {}
    for one in hub.list(PLACEMENT, FLEET):
        name, known = one["metadata"]["name"], one.get("status", {})
        outcome = evaluate(Placement.of(one), world, now=now)
        wanted = (_plain(status(outcome, now=now, previous=known)), _sliced(decision_objects(outcome)))
        seen = (_plain(known), _sliced(_decisions(hub, name)))
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
    return {one["metadata"]["name"]: (one["metadata"]["labels"], _clusters(one)) for one in decisions}

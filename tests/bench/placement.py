"""Measures the evaluation of one Placement over 1,000, 10,000 and 100,000 clusters, and how it grows.

Run it with `make bench-placement`; it writes results/placement.md. Times are medians of processor time.
"""

from __future__ import annotations

import gc
import json
import statistics
import time
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path

from conditions import load, machine

from covey_core.placement import Placement, World, decision_objects, evaluate, status

HERE = Path(__file__).parent
GROUP = "cluster.open-cluster-management.io"
SIZES = (1_000, 10_000, 100_000)
RUNS = {1_000: 7, 10_000: 7, 100_000: 3}
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
GOAL = 1.0  # seconds, at 10,000 clusters


def main() -> None:
    conditions = f"{machine('cel-expr-python')}; load {load():.1f} before the runs"
    rows = [
        ("objects to a world", lambda objects, _world, _names: World.of(objects), False),
        ("a job's Placement, as Covey renders it", lambda _objects, world, names: decide(job(names), world), True),
        ("the same with a free CEL expression", lambda _objects, world, names: decide(free(names), world), True),
        ("the same with add-on scores in CEL", lambda _objects, world, names: decide(by_scores(names), world), True),
    ]
    times: dict[str, list[float]] = {what: [] for what, _, _ in rows}
    for size in SIZES:
        objects = hub(size)
        world, names = World.of(objects), [f"site-{number}" for number in range(0, size, 2)]
        for what, measured, _ in rows:
            times[what].append(median(RUNS[size], partial(measured, objects, world, names)))
    table = report(conditions, times, {what for what, _, is_goal in rows if is_goal})
    (HERE / "results/placement.md").write_text(table, encoding="utf-8")
    print(table)  # noqa: T201 - the result, for whoever runs it


def hub(size: int) -> list[dict]:
    """Clusters with what real ones have; some are lost, some do not claim the data, one in two is granted."""
    objects: list[dict] = [
        {"apiVersion": f"{GROUP}/v1beta2", "kind": "ManagedClusterSet", "metadata": {"name": "hospitals"}},
        {
            "apiVersion": f"{GROUP}/v1beta2",
            "kind": "ManagedClusterSetBinding",
            "metadata": {"name": "hospitals", "namespace": "vision"},
        },
    ]
    for number in range(size):
        objects += (cluster(number), scores(number))
    return objects


def cluster(number: int) -> dict:
    claims = {f"claim-{n}.example.com": str(n) for n in range(10)}
    if number % 5:
        claims["digits.data.covey.dev"] = "present"
    lost = {"key": f"{GROUP}/unreachable", "effect": "NoSelect", "timeAdded": "2026-11-23T11:58:00Z"}
    amounts = {"cpu": str(number % 64 + 1), "memory": f"{number % 256 + 1}Gi"}
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": "ManagedCluster",
        "metadata": {
            "name": f"site-{number}",
            "labels": {f"{GROUP}/clusterset": "hospitals", "region": "north" if number % 3 else "south"},
        },
        "spec": {"hubAcceptsClient": True, "leaseDurationSeconds": 60, "taints": [] if number % 7 else [lost]},
        "status": {
            "clusterClaims": [{"name": name, "value": value} for name, value in claims.items()],
            "allocatable": amounts,
            "capacity": amounts,
            "conditions": [{"type": "ManagedClusterConditionAvailable", "status": "True"}],
            "version": {"kubernetes": "v1.36.3"},
        },
    }


def scores(number: int) -> dict:
    return {
        "apiVersion": f"{GROUP}/v1alpha1",
        "kind": "AddOnPlacementScore",
        "metadata": {"name": "covey", "namespace": f"site-{number}"},
        "status": {"scores": [{"name": "rows", "value": number % 201 - 100}]},
    }


def job(names: list[str], *expressions: str) -> Placement:
    selector = {
        "celSelector": {"celExpressions": [f"managedCluster.metadata.name in {json.dumps(names)}", *expressions]},
        "claimSelector": {
            "matchExpressions": [{"key": "digits.data.covey.dev", "operator": "In", "values": ["present"]}]
        },
        "labelSelector": {"matchExpressions": [{"key": "region", "operator": "In", "values": ["north", "south"]}]},
    }
    prioritizers = [
        {"scoreCoordinate": {"type": "BuiltIn", "builtIn": "Steady"}, "weight": 10},
        {"scoreCoordinate": {"type": "BuiltIn", "builtIn": "ResourceAllocatableCPU"}, "weight": 2},
        {
            "scoreCoordinate": {"type": "AddOn", "addOn": {"resourceName": "covey", "scoreName": "rows"}},
            "weight": 3,
        },
    ]
    spec = {
        "clusterSets": ["hospitals"],
        "predicates": [{"requiredClusterSelector": selector}],
        "prioritizerPolicy": {"mode": "Exact", "configurations": prioritizers},
        "tolerations": [{"key": f"{GROUP}/unreachable", "operator": "Exists", "tolerationSeconds": 300}],
    }
    return Placement.of({"metadata": {"name": "digits", "namespace": "vision"}, "spec": spec})


def free(names: list[str]) -> Placement:
    return job(names, "semver(managedCluster.status.version.kubernetes.substring(1)).major() == 1")


def by_scores(names: list[str]) -> Placement:
    return job(names, 'managedCluster.scores("covey").exists(s, s.name == "rows" && s.value > 0)')


def decide(placement: Placement, world: World) -> None:
    """All that a hub would need: decisions, reasons, status and objects."""
    outcome = evaluate(placement, world, now=NOW)
    status(outcome, now=NOW)
    decision_objects(outcome)
    if not outcome.chosen or not all(one.reason for one in outcome.others):
        raise RuntimeError("nobody was chosen, or somebody has no reason")


def median(runs: int, measured) -> float:
    """A run alone with its garbage: the objects of the hub are not looked through again and again."""
    seconds = []
    for _ in range(runs):
        gc.collect()
        gc.freeze()
        started = time.process_time()
        measured()
        seconds.append(time.process_time() - started)
        gc.unfreeze()
    return statistics.median(seconds)


def report(conditions: str, times: dict[str, list[float]], with_goal: set[str]) -> str:
    lines = [
        "# Placement",
        "",
        f"One Placement over many clusters, in one process. {conditions}; medians of processor time.",
        f"Goal: under {GOAL:.0f} s at 10,000 clusters, and ten times the clusters take about ten times the time.",
        "",
        "| what | "
        + " | ".join(f"{size:,}" for size in SIZES)
        + " | growth, each for ten times the clusters | reached |",
        "|---|" + "---|" * (len(SIZES) + 2),
    ]
    for what, found in times.items():
        growth = ", ".join(f"{after / before:.1f}" for before, after in pairwise(found))
        reached = f"{GOAL / found[1]:.1f} times as fast as the goal" if what in with_goal else ""
        cells = " | ".join(f"{seconds:.3f} s" for seconds in found)
        lines.append(f"| {what} | {cells} | {growth} | {reached} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()

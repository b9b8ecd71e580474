"""What is amiss with a hub: pure checks of what was read, each with what to do."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from covey_cli.diagnosis import Check
from covey_cli.output import count

from .needs import CLUSTER_MANAGERS, CLUSTER_SETS, CLUSTERS, CRDS, NEEDS, OCM, REPLICA_SETS
from .state import BINDING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .needs import Need
    from .state import Plain, State

OLDEST_KUBERNETES: Final = (1, 30)
OLDEST_SPOKE: Final = (1, 29)
TESTED_OCM: Final = (1, 3)
MOST_CLAIMS: Final = 20
_GATE: Final = "ManifestWorkReplicaSet"
_PATIENCE: Final = timedelta(minutes=2)
_NUMBERS = re.compile(r"v?(\d+)\.(\d+)")
_SHOWN: Final = 5


def kubernetes(state: State) -> Check:
    numbers = _version(state.version)
    if numbers is None or numbers >= OLDEST_KUBERNETES:
        return Check("Kubernetes", "ok", state.version or "of unknown version")
    wanted = ".".join(map(str, OLDEST_KUBERNETES))
    advice = f"Covey needs {wanted} or newer, for sidecars in its Pods and for admission policies: update the hub."
    return Check("Kubernetes", "missing", state.version, advice)


def ocm(state: State) -> Check:
    """OCM tells its version by the images of its ClusterManager only."""
    if refused := _refused(state, "OCM", CLUSTER_MANAGERS.plural):
        return refused
    managers = state.of(CLUSTER_MANAGERS)
    image = next((str(one.get("spec", {}).get("workImagePullSpec") or "") for one in managers), "")
    tag = image.rpartition(":")[2] if "@" not in image else ""
    numbers = _version(tag)
    if numbers is None:
        return Check("OCM", "optional", "does not tell its version", "Covey is tested with OCM 1.3.")
    if numbers < TESTED_OCM:
        return Check("OCM", "optional", tag, "Covey is tested with OCM 1.3; an older one may lack what it needs.")
    return Check("OCM", "ok", tag)


def kinds(need: Need, served: frozenset[tuple[str, str]]) -> Check:
    missing = [f"{kind} ({version})" for version, kind in need.kinds if (version, kind) not in served]
    if not missing:
        return Check(need.name, "ok", f"all {len(need.kinds)} are served")
    return Check(need.name, "missing" if need.vital else "optional", f"not served: {_few(missing)}", need.advice)


def learning_crd(state: State) -> Check | None:
    """Upstream's own CRD would prune all that is ours, and every job would wait for ever."""
    if refused := _refused(state, "FederatedLearning", CRDS.plural):
        return refused
    found = next(iter(state.of(CRDS)), None)
    if found is None:
        return None
    for version in found.get("spec", {}).get("versions", ()):
        properties = version.get("schema", {}).get("openAPIV3Schema", {}).get("properties", {})
        if "covey" not in properties.get("spec", {}).get("properties", {}):
            advice = (
                "It would drop it from every job: `covey schema crds | kubectl apply --server-side -f -` extends it."
            )
            return Check("FederatedLearning", "missing", f"its CRD ({version['name']}) has no spec.covey", advice)
    return Check("FederatedLearning", "ok", "its CRD has spec.covey")


def replica_sets(state: State, now: datetime) -> Check:
    """A feature gate can't be asked for: whether somebody acts is what shows, and what the operator was told."""
    if refused := _refused(state, _GATE, REPLICA_SETS.plural):
        return refused
    found = state.of(REPLICA_SETS)
    waiting = [_name(one) for one in found if not _conditions(one) and now - _created(one, now) > _PATIENCE]
    advice = f"Turn the feature gate {_GATE} on: ClusterManager, spec.workConfiguration.featureGates."
    if waiting:
        return Check(_GATE, "missing", f"nobody acts on {_few(waiting)}", advice)
    answered = sum(1 for one in found if _conditions(one))
    if answered:
        return Check(_GATE, "ok", f"its controller has answered {count(answered, 'time')}")
    managers = state.of(CLUSTER_MANAGERS)
    if any(_has_gate(one) for one in managers):
        return Check(_GATE, "ok", "the feature gate is on")
    if managers:
        return Check(_GATE, "missing", "the feature gate is off", advice)
    return Check(_GATE, "optional", "nothing shows yet whether its controller runs", advice)


def claims(state: State, granted: Mapping[str, Iterable[str]]) -> Check:
    """`granted`: for each cluster, the claims by which it would say that it holds the data granted of it."""
    full = {}
    for cluster in state.of(CLUSTERS):
        told = {str(one.get("name")) for one in cluster.get("status", {}).get("clusterClaims") or ()}
        if len({name for name in told if not _is_reserved(name)}) >= MOST_CLAIMS:
            full[cluster["metadata"]["name"]] = told
    lost = [f"{name}: {claim}" for name, told in full.items() for claim in granted.get(name, ()) if claim not in told]
    advice = f"OCM passes on {MOST_CLAIMS} claims of a cluster and drops the rest by name: delete ClusterClaims there."
    if lost:
        return Check("claims", "missing", f"may have been dropped: {_few(lost)}", advice)
    if full:
        return Check("claims", "optional", f"no room for more: {_few(full)}", advice)
    if refused := _refused(state, "claims", CLUSTERS.plural):
        return refused
    return Check("claims", "ok", f"{count(len(state.of(CLUSTERS)), 'cluster')}, each with room for more")


def spokes(state: State) -> Check | None:
    old = []
    for cluster in state.of(CLUSTERS):
        version = str((cluster.get("status", {}).get("version") or {}).get("kubernetes") or "")
        numbers = _version(version)
        if numbers is not None and numbers < OLDEST_SPOKE:
            old.append(f"{cluster['metadata']['name']} ({version})")
    if not old:
        return None
    wanted = ".".join(map(str, OLDEST_SPOKE))
    return Check("spokes", "optional", f"too old for jobs: {_few(old)}", f"A collaborator needs Kubernetes {wanted}.")


def cluster_sets(state: State, wanted: Iterable[str]) -> Check | None:
    there = {one["metadata"]["name"] for one in state.of(CLUSTER_SETS)}
    missing = sorted(set(wanted) - there)
    if refused := _refused(state, "cluster sets", CLUSTER_SETS.plural):
        return refused
    if not missing:
        return None
    advice = "Make them (kind ManagedClusterSet), or correct clusterSets in covey.yaml."
    return Check("cluster sets", "missing", f"covey.yaml names some that are not there: {_few(missing)}", advice)


def binding(state: State) -> Check:
    refused = sorted(name for name, allowed in state.may_bind.items() if not allowed)
    if refusal := _refused(state, "binding", BINDING) or _refused(state, "binding", CLUSTER_SETS.plural):
        return refusal
    if not state.may_bind:
        return Check("binding", "optional", "there is no cluster set to bind")
    if refused:
        advice = (
            f"Who applies rendered/ needs `create` on managedclustersets/bind in cluster.{OCM}; "
            "these credentials lack it, which matters if they are Argo CD's."
        )
        return Check("binding", "optional", f"you may not bind {_few(refused)}", advice)
    return Check("binding", "ok", f"you may bind {_few(sorted(state.may_bind))}")


def all_kinds(state: State) -> list[Check]:
    return [kinds(need, state.served) for need in NEEDS]


def _refused(state: State, name: str, unseen: str) -> Check | None:
    error = state.unseen.get(unseen)
    return Check(name, "optional", f"can't be looked at: {error.message}", error.hint) if error else None


def _version(text: str) -> tuple[int, ...] | None:
    match = _NUMBERS.match(text)
    return tuple(map(int, match.groups())) if match else None


def _is_reserved(claim: str) -> bool:
    return claim == "id.k8s.io" or claim.endswith(f".{OCM}")


def _has_gate(manager: Plain) -> bool:
    gates = (manager.get("spec", {}).get("workConfiguration") or {}).get("featureGates") or ()
    return any(gate.get("feature") == _GATE and gate.get("mode") == "Enable" for gate in gates)


def _conditions(value: Plain) -> list[Any]:
    return value.get("status", {}).get("conditions") or []


def _created(value: Plain, now: datetime) -> datetime:
    text = value["metadata"].get("creationTimestamp")
    return text if isinstance(text, datetime) else datetime.fromisoformat(text) if text else now


def _name(value: Plain) -> str:
    metadata = value["metadata"]
    return f"{metadata['namespace']}/{metadata['name']}" if metadata.get("namespace") else str(metadata["name"])


def _few(names: Iterable[str]) -> str:
    found = list(names)
    rest = len(found) - _SHOWN
    return ", ".join(found[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")

"""What `covey doctor --hub` reads of a hub; what may not be read is kept as the reason, and hinders nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from .failures import RefusedError
from .needs import CLUSTER_MANAGERS, CLUSTER_SETS, CLUSTERS, CRDS, LEARNING_CRD, NEEDS, RENDERED, REPLICA_SETS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .connection import Hub, Resource

_LABELS: Final = {"app.kubernetes.io/managed-by": "covey"}
_REVIEWS: Final = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
BINDING: Final = "bind"  # in `State.unseen`
_BAD_CREDENTIALS, _NOT_FOUND = 401, 404

Plain = dict[str, Any]


@dataclass(slots=True)
class State:
    """Objects by the plural of their kind; `unseen` says why one of them is not there."""

    server: str
    version: str
    served: frozenset[tuple[str, str]]
    objects: dict[str, list[Plain]] = field(default_factory=dict)
    ours: list[Plain] = field(default_factory=list)
    may_bind: dict[str, bool] = field(default_factory=dict)
    unseen: dict[str, RefusedError] = field(default_factory=dict)

    def of(self, resource: Resource) -> list[Plain]:
        return self.objects.get(resource.plural, [])


def look(hub: Hub, cluster_sets: Iterable[str] = ()) -> State:
    """`cluster_sets` are those of the fleet; without a fleet all of the hub's are asked about."""
    version = str(hub.read("/version").get("gitVersion", ""))
    served = frozenset(pair for version in _versions(hub) for pair in _kinds(hub, version))
    state = State(hub.server, version, served)
    for resource in (CLUSTERS, CLUSTER_SETS, REPLICA_SETS, CLUSTER_MANAGERS):
        _list(hub, resource, state)
    if not _is_unserved(state, "FederatedLearning"):
        _learning_crd(hub, state)
    for resource in RENDERED:
        if _served(resource) in served or not resource.group or resource.group.endswith("k8s.io"):
            _ours(hub, resource, state)
    sets = tuple(cluster_sets) or tuple(one["metadata"]["name"] for one in state.of(CLUSTER_SETS))
    _bind(hub, sets, state)
    return state


def _versions(hub: Hub) -> list[str]:
    """The versions that we need and that the hub serves."""
    groups = hub.read("/apis").get("groups", ())
    served = {version["groupVersion"] for group in groups for version in group["versions"]}
    return sorted({version for need in NEEDS for version, _ in need.kinds} & served)


def _kinds(hub: Hub, version: str) -> list[tuple[str, str]]:
    return [(version, one["kind"]) for one in hub.read(f"/apis/{version}").get("resources", ())]


def _list(hub: Hub, resource: Resource, state: State) -> None:
    try:
        state.objects[resource.plural] = hub.list(resource)
    except RefusedError as error:
        if error.status == _BAD_CREDENTIALS:
            raise
        if error.status != _NOT_FOUND:
            state.unseen[resource.plural] = error


def _learning_crd(hub: Hub, state: State) -> None:
    path = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{LEARNING_CRD}"
    try:
        state.objects[CRDS.plural] = [hub.read(path)]
    except RefusedError as error:
        state.unseen[CRDS.plural] = error


def _ours(hub: Hub, resource: Resource, state: State) -> None:
    try:
        state.ours += hub.list(resource, labels=_LABELS)
    except RefusedError as error:
        state.unseen[f"ours/{resource.plural}"] = error


def _bind(hub: Hub, sets: Iterable[str], state: State) -> None:
    try:
        state.may_bind = {name: _may_bind(hub, name) for name in sets}
    except RefusedError as error:
        state.unseen[BINDING] = error


def _may_bind(hub: Hub, name: str) -> bool:
    wanted = {"group": CLUSTER_SETS.group, "resource": CLUSTER_SETS.plural, "subresource": "bind", "name": name}
    body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {**wanted, "verb": "create"}},
    }
    return bool(hub.review(_REVIEWS, body).get("status", {}).get("allowed"))


def _is_unserved(state: State, kind: str) -> bool:
    return all(one != kind for _, one in state.served)


def _served(resource: Resource) -> tuple[str, str]:
    return f"{resource.group}/{resource.version}", resource.kind

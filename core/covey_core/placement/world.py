"""The objects on a hub that decide a Placement, read from plain Kubernetes objects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from .selectors import Requirement, Selector, SelectorError, read_selector
from .shape import ObjectError, mapping, mappings, moment, table, text, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

GROUP: Final = "cluster.open-cluster-management.io"
SET_LABEL: Final = f"{GROUP}/clusterset"
PLACEMENT_LABEL: Final = f"{GROUP}/placement"


@dataclass(frozen=True, slots=True)
class Taint:
    key: str
    value: str
    effect: str
    added: datetime | None

    def __str__(self) -> str:
        return f"{self.key}={self.value}:{self.effect}" if self.value else f"{self.key}:{self.effect}"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A ManagedCluster; `whole` is the object as CEL selectors see it, texts in it are the spoke's."""

    name: str
    labels: Mapping[str, str]
    claims: Mapping[str, str]
    taints: tuple[Taint, ...]
    is_leaving: bool
    whole: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ClusterSet:
    """A ManagedClusterSet; `selector` None matches nothing."""

    name: str
    selector: Selector | None


@dataclass(frozen=True, slots=True)
class Binding:
    """A ManagedClusterSetBinding."""

    namespace: str
    cluster_set: str


@dataclass(frozen=True, slots=True)
class Scores:
    """An AddOnPlacementScore: the values that one cluster reports under one name."""

    cluster: str
    name: str
    values: Mapping[str, int]
    valid_until: datetime | None


@dataclass(frozen=True, slots=True)
class Decision:
    """A PlacementDecision."""

    namespace: str
    placement: str
    name: str
    clusters: tuple[str, ...]


Known = Cluster | ClusterSet | Binding | Scores | Decision


@dataclass(frozen=True, slots=True)
class World:
    """All that is known, by each object's own key; the order of the objects that it was read from means nothing."""

    clusters: Mapping[str, Cluster] = field(default_factory=dict)
    sets: Mapping[str, ClusterSet] = field(default_factory=dict)
    bindings: Mapping[tuple[str, str], Binding] = field(default_factory=dict)
    scores: Mapping[tuple[str, str], Scores] = field(default_factory=dict)
    decisions: Mapping[tuple[str, str], Decision] = field(default_factory=dict)

    @classmethod
    def of(cls, objects: Iterable[Mapping[str, Any]]) -> World:
        """Of two objects with one key the later one counts; other kinds are passed over. Raises ObjectError."""
        world = cls({}, {}, {}, {}, {})
        tables: dict[str, Any] = {
            "ManagedCluster": world.clusters,
            "ManagedClusterSet": world.sets,
            "ManagedClusterSetBinding": world.bindings,
            "AddOnPlacementScore": world.scores,
            "PlacementDecision": world.decisions,
        }
        for one in objects:
            kind = one.get("kind")
            if isinstance(kind, str) and kind in tables and str(one.get("apiVersion")).startswith(f"{GROUP}/"):
                metadata = mapping(one, "metadata", kind)
                name, namespace = text(metadata, "name", kind), text(metadata, "namespace", kind)
                key = (namespace, name) if kind in _NAMESPACED else name
                tables[kind][key] = _READERS[kind](one, name, namespace)
        return world


def _cluster(one: Mapping[str, Any], name: str, _namespace: str) -> Cluster:
    where = f"ManagedCluster {name}"
    metadata, status = mapping(one, "metadata", where), mapping(one, "status", where)
    claims = {
        text(claim, "name", where): text(claim, "value", where) for claim in mappings(status, "clusterClaims", where)
    }
    return Cluster(
        name,
        labels=table(metadata, "labels", where),
        claims=claims,
        taints=tuple(_taint(taint, where) for taint in mappings(mapping(one, "spec", where), "taints", where)),
        is_leaving=metadata.get("deletionTimestamp") is not None,
        whole=one,
    )


def _taint(taint: Mapping[str, Any], where: str) -> Taint:
    key, value, effect = (text(taint, name, where) for name in ("key", "value", "effect"))
    return Taint(key, value, effect, moment(taint, "timeAdded", where))


def _cluster_set(one: Mapping[str, Any], name: str, _namespace: str) -> ClusterSet:
    where = f"ManagedClusterSet {name}"
    chooser = mapping(mapping(one, "spec", where), "clusterSelector", where)
    kind = text(chooser, "selectorType", where) or "ExclusiveClusterSetLabel"
    if kind == "ExclusiveClusterSetLabel":
        return ClusterSet(name, Selector((Requirement(SET_LABEL, "In", frozenset({name})),)))
    if kind != "LabelSelector":
        raise ObjectError(f"{where}: selectorType {kind!r} is unknown.")
    if chooser.get("labelSelector") is None:
        return ClusterSet(name, None)
    try:
        return ClusterSet(name, read_selector(mapping(chooser, "labelSelector", where), where))
    except SelectorError as error:
        raise ObjectError(f"{where}: {error}.") from error


def _binding(_one: Mapping[str, Any], name: str, namespace: str) -> Binding:
    """OCM goes by the binding's name; its webhook sees to it that `spec.clusterSet` is the same."""
    return Binding(namespace, name)


def _scores(one: Mapping[str, Any], name: str, namespace: str) -> Scores:
    where = f"AddOnPlacementScore {namespace}/{name}"
    status = mapping(one, "status", where)
    values = {text(item, "name", where): whole(item, "value", where) or 0 for item in mappings(status, "scores", where)}
    return Scores(namespace, name, values, moment(status, "validUntil", where))


def _decision(one: Mapping[str, Any], name: str, namespace: str) -> Decision:
    where = f"PlacementDecision {namespace}/{name}"
    placement = table(mapping(one, "metadata", where), "labels", where).get(PLACEMENT_LABEL, "")
    decided = mappings(mapping(one, "status", where), "decisions", where)
    return Decision(namespace, placement, name, tuple(text(item, "clusterName", where) for item in decided))


_NAMESPACED: Final = frozenset({"ManagedClusterSetBinding", "AddOnPlacementScore", "PlacementDecision"})
_READERS: Final[dict[str, Callable[[Mapping[str, Any], str, str], Known]]] = {
    "ManagedCluster": _cluster,
    "ManagedClusterSet": _cluster_set,
    "ManagedClusterSetBinding": _binding,
    "AddOnPlacementScore": _scores,
    "PlacementDecision": _decision,
}

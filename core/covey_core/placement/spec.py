"""A Placement, read from the plain object, with the CRD's defaults filled in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .shape import mapping, mappings, table, text, texts, whole
from .world import GROUP

if TYPE_CHECKING:
    from collections.abc import Mapping

_PAUSED: Final = f"{GROUP}/experimental-scheduling-disable"


@dataclass(frozen=True, slots=True)
class Predicate:
    """One `requiredClusterSelector`, as written: OCM complains about a selector only when it uses it."""

    labels: Mapping[str, Any]
    claims: Mapping[str, Any]
    expressions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Toleration:
    key: str
    operator: str
    value: str
    effect: str
    seconds: int | None


@dataclass(frozen=True, slots=True)
class Prioritizer:
    """`name` is the built-in one's, or `resource/score` of an add-on; `type` tells which. None: no scoreCoordinate."""

    type: str
    name: str | None
    weight: int


@dataclass(frozen=True, slots=True)
class GroupWish:
    """A decision group that the Placement names."""

    name: str
    selector: Predicate


@dataclass(frozen=True, slots=True)
class Placement:
    """`per_group` is the number or percentage of clusters in a group, as written; `idle` ones OCM leaves alone."""

    name: str
    namespace: str
    uid: str
    cluster_sets: tuple[str, ...]
    predicates: tuple[Predicate, ...]
    tolerations: tuple[Toleration, ...]
    mode: str
    prioritizers: tuple[Prioritizer, ...]
    number: int | None
    per_group: int | str
    groups: tuple[GroupWish, ...]
    idle: bool

    @classmethod
    def of(cls, one: Mapping[str, Any]) -> Placement:
        """Raises ObjectError where the object is no Placement."""
        metadata = mapping(one, "metadata", "Placement")
        name = text(metadata, "name", "Placement")
        where = f"Placement {name}"
        spec = mapping(one, "spec", where)
        policy = mapping(spec, "prioritizerPolicy", where)
        grouping = mapping(mapping(spec, "decisionStrategy", where), "groupStrategy", where)
        paused = table(metadata, "annotations", where).get(_PAUSED) == "true"
        return cls(
            name=name,
            namespace=text(metadata, "namespace", where),
            uid=text(metadata, "uid", where),
            cluster_sets=texts(spec, "clusterSets", where),
            predicates=tuple(
                _predicate(mapping(predicate, "requiredClusterSelector", where), where)
                for predicate in mappings(spec, "predicates", where)
            ),
            tolerations=tuple(_toleration(toleration, where) for toleration in mappings(spec, "tolerations", where)),
            mode=text(policy, "mode", where) or "Additive",
            prioritizers=tuple(_prioritizer(entry, where) for entry in mappings(policy, "configurations", where)),
            number=whole(spec, "numberOfClusters", where),
            per_group=grouping.get("clustersPerDecisionGroup", "100%"),
            groups=tuple(_group(group, where) for group in mappings(grouping, "decisionGroups", where)),
            idle=paused or metadata.get("deletionTimestamp") is not None,
        )


def _predicate(selector: Mapping[str, Any], where: str) -> Predicate:
    return Predicate(
        labels=mapping(selector, "labelSelector", where),
        claims=mapping(selector, "claimSelector", where),
        expressions=texts(mapping(selector, "celSelector", where), "celExpressions", where),
    )


def _toleration(toleration: Mapping[str, Any], where: str) -> Toleration:
    return Toleration(
        key=text(toleration, "key", where),
        operator=text(toleration, "operator", where) or "Equal",
        value=text(toleration, "value", where),
        effect=text(toleration, "effect", where),
        seconds=whole(toleration, "tolerationSeconds", where),
    )


def _prioritizer(entry: Mapping[str, Any], where: str) -> Prioritizer:
    given = whole(entry, "weight", where)
    weight = 1 if given is None else given
    if entry.get("scoreCoordinate") is None:
        return Prioritizer("", None, weight)
    coordinate = mapping(entry, "scoreCoordinate", where)
    kind = text(coordinate, "type", where) or "BuiltIn"
    if kind == "BuiltIn":
        return Prioritizer(kind, text(coordinate, "builtIn", where), weight)
    add_on = mapping(coordinate, "addOn", where)
    name = "/".join(text(add_on, key, where) for key in ("resourceName", "scoreName")) if add_on else None
    return Prioritizer(kind, name, weight)


def _group(group: Mapping[str, Any], where: str) -> GroupWish:
    selector = mapping(group, "groupClusterSelector", where)
    return GroupWish(text(group, "groupName", where), _predicate(selector, where))

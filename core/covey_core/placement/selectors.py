"""Kubernetes' label selectors, which OCM uses for claims, too; each says what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from covey_core.validation.metadata import is_label_value, is_qualified_name

from .shape import mappings, table, text, texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_WITH_VALUES: Final = ("In", "NotIn")
_WITHOUT_VALUES: Final = ("Exists", "DoesNotExist")


class SelectorError(ValueError):
    """A selector that Kubernetes refuses; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Requirement:
    key: str
    operator: str
    values: frozenset[str] = frozenset()

    def holds(self, labels: Mapping[str, str]) -> bool:
        """As in Kubernetes, `NotIn` holds where the key is absent."""
        found = labels.get(self.key)
        if self.operator == "In":
            return found is not None and found in self.values
        if self.operator == "NotIn":
            return found is None or found not in self.values
        return (found is not None) == (self.operator == "Exists")

    def __str__(self) -> str:
        listed = f" [{', '.join(sorted(self.values))}]" if self.values else ""
        return f"{self.key} {self.operator}{listed}"


@dataclass(frozen=True, slots=True)
class Selector:
    """All requirements must hold; without any, everything matches."""

    requirements: tuple[Requirement, ...] = ()

    def missing(self, labels: Mapping[str, str]) -> Requirement | None:
        """The first requirement that does not hold."""
        for requirement in self.requirements:
            if not requirement.holds(labels):
                return requirement
        return None


def read_selector(selector: Mapping[str, Any], where: str) -> Selector:
    """`matchLabels` and `matchExpressions`; raises SelectorError for what Kubernetes would not take."""
    labels = table(selector, "matchLabels", where)
    requirements = [Requirement(key, "In", frozenset({value})) for key, value in sorted(labels.items())]
    for one in mappings(selector, "matchExpressions", where):
        values = frozenset(texts(one, "values", where))
        requirements.append(Requirement(text(one, "key", where), text(one, "operator", where), values))
    for requirement in requirements:
        for fault in _faults(requirement):
            raise SelectorError(fault)
    return Selector(tuple(requirements))


def _faults(requirement: Requirement) -> Iterator[str]:
    if not is_qualified_name(requirement.key):
        yield f"{requirement.key!r} is no label key"
    if requirement.operator in _WITH_VALUES:
        if not requirement.values:
            yield f"{requirement.operator} needs values"
        for value in sorted(requirement.values):
            if not is_label_value(value):
                yield f"{value!r} is no label value"
    elif requirement.operator not in _WITHOUT_VALUES:
        yield f"{requirement.operator!r} is no operator of a label selector"
    elif requirement.values:
        yield f"{requirement.operator} takes no values"

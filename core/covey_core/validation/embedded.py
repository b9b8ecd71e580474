"""Whole objects inside other objects: the items of a List, the manifests of a work, the templates of a policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .branches import Schema
    from .problems import Path

POLICY_GROUP = "policy.open-cluster-management.io"


@dataclass(frozen=True, slots=True)
class Embedded:
    """How an object inside another one is meant: `partial` ones say only some fields, `templated` ones hold `{{ }}`."""

    partial: bool = False
    templated: bool = False


PLAIN = Embedded()
# Policies carry objects where their schemas say only "an object".
_POLICIES: dict[str, tuple[str, Embedded]] = {
    "Policy": ("policy-templates", Embedded(templated=True)),
    "ConfigurationPolicy": ("object-templates", Embedded(partial=True, templated=True)),
}


def mark_of(schema: Schema) -> Embedded | None:
    return PLAIN if schema.get("x-kubernetes-embedded-resource") is True else None


def in_policy(value: dict[str, Any], kind: str) -> Iterator[tuple[Path, Any, Embedded]]:
    """The objects that a policy carries."""
    field, how = _POLICIES.get(kind, ("", PLAIN))
    spec = value.get("spec")
    templates = spec.get(field) if isinstance(spec, dict) else None
    for index, template in enumerate(templates if isinstance(templates, list) else ()):
        if isinstance(template, dict) and isinstance(template.get("objectDefinition"), dict):
            yield ("spec", field, index, "objectDefinition"), template["objectDefinition"], how


def is_list(value: dict[str, Any]) -> bool:
    """Whether kubectl would apply the items one by one."""
    kind = value.get("kind")
    return (
        isinstance(kind, str) and kind.endswith("List") and isinstance(value.get("items"), list) and "spec" not in value
    )


def items_of(value: dict[str, Any]) -> Iterator[tuple[Path, Any]]:
    """The items of a list; those of a ConfigMapList need not say that they are ConfigMaps."""
    kind = value["kind"].removesuffix("List")
    for index, item in enumerate(value["items"]):
        if kind and isinstance(item, dict):
            yield ("items", index), {"apiVersion": value.get("apiVersion"), "kind": kind, **item}
        else:
            yield ("items", index), item


def has_template(value: Any) -> bool:
    """Whether a policy's template language would write this value."""
    return isinstance(value, str) and "{{" in value

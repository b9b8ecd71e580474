"""Custom resource definitions to schemas: what `covey schema import` reads; pure."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from . import crd_checks, definitions, kubernetes, structural
from .model import KindName, KindSchema

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .model import Make


def makers(documents: Iterable[Mapping[str, Any]], origin: str) -> Mapping[KindName, Make]:
    """Every served version of every CRD; raises ValueError for a bad one."""
    found: dict[KindName, Make] = {}
    for document in documents:
        crd_checks.check(document)
        spec = document["spec"]
        for version in spec["versions"]:
            name = KindName(spec["group"], version["name"], spec["names"]["kind"])
            if version["served"]:
                schema, namespaced = version["schema"]["openAPIV3Schema"], spec["scope"] == "Namespaced"
                found[name] = partial(_kind, name, schema, namespaced=namespaced, origin=origin)
    return found


def _kind(name: KindName, structure: Mapping[str, Any], *, namespaced: bool, origin: str) -> KindSchema:
    root = structural.custom(structure, api_version=name.api_version, kind=name.kind)
    schema = definitions.assembled(root, kubernetes.definition)
    return KindSchema(name=name, schema=schema, namespaced=namespaced, origin=origin, cel=definitions.has_rules(schema))

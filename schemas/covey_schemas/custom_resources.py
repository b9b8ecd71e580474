"""Custom resource definitions to schemas: what `covey schema import` reads; pure."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from . import crd_checks, definitions, kubernetes, structural
from .model import KindName, KindSchema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .model import Make

_ALTERNATIVES = ("allOf", "anyOf", "oneOf")


def makers(documents: Iterable[Mapping[str, Any]], origin: str) -> Mapping[KindName, Make]:
    """Every served version of every CRD; raises ValueError for a bad one. Of two CRDs for a kind, the later counts."""
    found: dict[KindName, Make] = {}
    for document in _without_lists(documents):
        crd_checks.check(document)
        spec = document["spec"]
        for version in spec["versions"]:
            if version["served"]:
                name = KindName(spec["group"], version["name"], spec["names"]["kind"])
                schema, namespaced = version["schema"]["openAPIV3Schema"], spec["scope"] == "Namespaced"
                found[name] = partial(_kind, name, schema, namespaced=namespaced, origin=origin)
    return found


def _without_lists(documents: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """`kubectl get crds -o yaml` writes one document of kind List."""
    for document in documents:
        if isinstance(document, dict) and document.get("kind") in {"List", "CustomResourceDefinitionList"}:
            yield from document.get("items") or ()
        else:
            yield document


def _kind(name: KindName, structure: Mapping[str, Any], *, namespaced: bool, origin: str) -> KindSchema:
    root = structural.custom(_given(structure), api_version=name.api_version, kind=name.kind)
    schema = definitions.assembled(root, kubernetes.definition)
    return KindSchema(name=name, schema=schema, namespaced=namespaced, origin=origin, cel=definitions.has_rules(schema))


def _given(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Without the keywords that are null, which the API server reads as not given."""
    result = {key: value for key, value in schema.items() if value is not None}
    if "properties" in result:
        result["properties"] = {key: _given(child) for key, child in result["properties"].items()}
    for key in ("items", "additionalProperties", "not"):
        if isinstance(result.get(key), dict):
            result[key] = _given(result[key])
    for key in _ALTERNATIVES:
        if key in result:
            result[key] = [_given(child) for child in result[key]]
    return result

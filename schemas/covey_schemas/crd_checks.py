"""What is wrong with a CustomResourceDefinition that somebody gave us, in one sentence; pure."""
# ruff: noqa: TRY004 - whatever is wrong with a CRD, it is a ValueError

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_API_VERSION = "apiextensions.k8s.io/v1"
_TYPES = frozenset({"object", "array", "string", "integer", "number", "boolean"})
_FORBIDDEN = ("$ref", "definitions", "dependencies", "patternProperties", "additionalItems", "deprecated", "id")
_MAX_DEPTH = 100


def check(document: Any) -> None:
    """Raises ValueError for what the API server would refuse, as far as schemas depend on it."""
    if not isinstance(document, Mapping) or document.get("kind") != "CustomResourceDefinition":
        kind = document.get("kind") if isinstance(document, Mapping) else type(document).__name__
        raise ValueError(f"This is no CustomResourceDefinition but {kind or 'a document without a kind'}.")
    name = f"The CRD {_name(document)}"
    if document.get("apiVersion") != _API_VERSION:
        raise ValueError(f"{name} has apiVersion {document.get('apiVersion')}; only {_API_VERSION} can be read.")
    spec = _mapping(document, "spec", name)
    names = _mapping(spec, "names", f"{name}: spec")
    _text(spec, "group", f"{name}: spec")
    _text(names, "kind", f"{name}: spec.names")
    if spec.get("scope") not in {"Namespaced", "Cluster"}:
        raise ValueError(f"{name}: spec.scope must be Namespaced or Cluster, not {spec.get('scope')}.")
    versions = spec.get("versions")
    if not isinstance(versions, list) or not versions:
        raise ValueError(f"{name}: spec.versions must be a list with at least one version.")
    for index, version in enumerate(versions):
        _version(version, f"{name}: spec.versions[{index}]")


def _version(version: Any, place: str) -> None:
    if not isinstance(version, Mapping):
        raise ValueError(f"{place} must be an object.")
    _text(version, "name", place)
    if not isinstance(version.get("served"), bool):
        raise ValueError(f"{place}.served must be true or false.")
    if not version["served"]:
        return
    schema = _mapping(_mapping(version, "schema", place), "openAPIV3Schema", f"{place}.schema")
    if schema.get("type") != "object":
        raise ValueError(f"{place}.schema.openAPIV3Schema.type must be object.")
    _node(schema, f"{place}.schema.openAPIV3Schema", depth=0)


def _node(schema: Any, place: str, *, depth: int) -> None:
    if not isinstance(schema, Mapping):
        raise ValueError(f"{place} must be an object.")
    if depth > _MAX_DEPTH:
        raise ValueError(f"{place} is nested deeper than {_MAX_DEPTH} levels.")
    for word in _FORBIDDEN:
        if word in schema:
            raise ValueError(f"{place}.{word} is not allowed in a structural schema.")
    _type(schema, place)
    _lists(schema, place)
    properties = schema.get("properties", {})
    if not isinstance(properties, Mapping):
        raise ValueError(f"{place}.properties must be an object.")
    for key, child in properties.items():
        _node(child, f"{place}.properties.{key}", depth=depth + 1)
    if "items" in schema:
        _node(schema["items"], f"{place}.items", depth=depth + 1)
    if not isinstance(schema.get("additionalProperties", True), bool):
        _node(schema["additionalProperties"], f"{place}.additionalProperties", depth=depth + 1)


def _type(schema: Mapping[str, Any], place: str) -> None:
    found = schema.get("type")
    if found is not None and (not isinstance(found, str) or found not in _TYPES):
        raise ValueError(f"{place}.type must be one of {', '.join(sorted(_TYPES))}, not {found}.")
    if found == "array" and not isinstance(schema.get("items"), Mapping):
        raise ValueError(f"{place}.items must say what the array holds.")


def _lists(schema: Mapping[str, Any], place: str) -> None:
    for key in ("required", "enum", "allOf", "anyOf", "oneOf", "x-kubernetes-validations"):
        if not isinstance(schema.get(key, []), list):
            raise ValueError(f"{place}.{key} must be a list.")


def _name(document: Mapping[str, Any]) -> str:
    metadata = document.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    return str(name or "without a name")


def _mapping(parent: Mapping[str, Any], key: str, place: str) -> Mapping[str, Any]:
    value = parent.get(key)
    if not isinstance(value, Mapping):
        raise ValueError(f"{place}.{key} must be an object.")
    return value


def _text(parent: Mapping[str, Any], key: str, place: str) -> None:
    if not isinstance(parent.get(key), str) or not parent[key]:
        raise ValueError(f"{place}.{key} must be a text that is not empty.")

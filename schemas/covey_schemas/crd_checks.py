"""What is wrong with a CustomResourceDefinition that somebody gave us, in one sentence; pure."""
# ruff: noqa: TRY004 - whatever is wrong with a CRD, it is a ValueError

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_API_VERSION = "apiextensions.k8s.io/v1"
_TYPES = frozenset({"object", "array", "string", "integer", "number", "boolean"})
_FORBIDDEN = ("$ref", "definitions", "dependencies", "patternProperties", "additionalItems", "if", "then", "else")
_LISTS = ("required", "enum", "allOf", "anyOf", "oneOf", "x-kubernetes-validations", "x-kubernetes-list-map-keys")
_COUNTS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
_NUMBERS = ("minimum", "maximum", "multipleOf")
_TEXTS = ("pattern", "format", "x-kubernetes-list-type", "x-kubernetes-map-type")
_MAX_DEPTH = 100
# What the API server takes; the names also become paths where imported schemas are kept.
_GROUP = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+\Z")
_VERSION = re.compile(r"(?=.{1,63}\Z)[a-z]([-a-z0-9]*[a-z0-9])?\Z")
_KIND = re.compile(r"(?=.{1,63}\Z)[A-Za-z]([-A-Za-z0-9]*[A-Za-z0-9])?\Z")


def check(document: Any) -> None:
    """Raises ValueError for what the API server would refuse, as far as schemas depend on it."""
    if not isinstance(document, Mapping):
        raise ValueError("This is no CustomResourceDefinition: the document is not an object.")
    if document.get("kind") != "CustomResourceDefinition":
        raise ValueError(f"This is no CustomResourceDefinition but {document.get('kind') or 'an object without kind'}.")
    name = f"The CRD {_name(document)}"
    if document.get("apiVersion") != _API_VERSION:
        raise ValueError(f"{name} has apiVersion {document.get('apiVersion')}; only {_API_VERSION} can be read.")
    _text(_mapping(document, "metadata", f"{name}: "), "name", f"{name}: metadata.")
    spec = _mapping(document, "spec", f"{name}: ")
    _word(spec, "group", f"{name}: spec.", form=_GROUP)
    _word(_mapping(spec, "names", f"{name}: spec."), "kind", f"{name}: spec.names.", form=_KIND)
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
    _word(version, "name", f"{place}.", form=_VERSION)
    if not isinstance(version.get("served"), bool):
        raise ValueError(f"{place}.served must be true or false.")
    if version["served"]:
        schema = _mapping(_mapping(version, "schema", f"{place}."), "openAPIV3Schema", f"{place}.schema.")
        if schema.get("type") != "object":
            raise ValueError(f"{place}.schema.openAPIV3Schema.type must be object, not {schema.get('type')}.")
        _node(schema, f"{place}.schema.openAPIV3Schema", depth=0)


def _node(schema: Any, place: str, *, depth: int) -> None:
    if not isinstance(schema, Mapping):
        raise ValueError(f"{place} must be an object.")
    if depth > _MAX_DEPTH:
        raise ValueError(f"{place[:200]}… is nested deeper than {_MAX_DEPTH} levels.")
    _keywords(schema, place)
    properties = schema.get("properties") or {}
    if not isinstance(properties, Mapping):
        raise ValueError(f"{place}.properties must be an object.")
    for key, child in properties.items():
        _node(child, f"{place}.properties.{key}", depth=depth + 1)
    for key in ("items", "additionalProperties", "not"):
        child = schema.get(key)
        if child is not None and not (key == "additionalProperties" and isinstance(child, bool)):
            _node(child, f"{place}.{key}", depth=depth + 1)
    for key in ("allOf", "anyOf", "oneOf"):
        for index, child in enumerate(schema.get(key) or ()):
            _node(child, f"{place}.{key}[{index}]", depth=depth + 1)


def _keywords(schema: Mapping[str, Any], place: str) -> None:
    for key, value in schema.items():
        if value is None:  # the API server reads null as not given
            continue
        if key in _FORBIDDEN:
            raise ValueError(f"{place}.{key} is not allowed in a structural schema.")
        if key in _LISTS and not isinstance(value, list):
            raise ValueError(f"{place}.{key} must be a list.")
        if key in _TEXTS and not isinstance(value, str):
            raise ValueError(f"{place}.{key} must be a text.")
        if key in _COUNTS and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
            raise ValueError(f"{place}.{key} must be a whole number of at least 0, not {value}.")
        if key in _NUMBERS and (not isinstance(value, int | float) or isinstance(value, bool)):
            raise ValueError(f"{place}.{key} must be a number, not {value}.")
    _type(schema, place)


def _type(schema: Mapping[str, Any], place: str) -> None:
    found = schema.get("type")
    if found is not None and (not isinstance(found, str) or found not in _TYPES):
        raise ValueError(f"{place}.type must be one of {', '.join(sorted(_TYPES))}, not {found}.")
    if found == "array" and schema.get("items") is None:
        raise ValueError(f"{place}.items must say what the array holds.")
    if not all(isinstance(name, str) for name in schema.get("required") or ()):
        raise ValueError(f"{place}.required must hold names of fields only.")


def _name(document: Mapping[str, Any]) -> str:
    metadata = document.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    return str(name or "without a name")


def _mapping(parent: Mapping[str, Any], key: str, place: str) -> Mapping[str, Any]:
    value = parent.get(key)
    if not isinstance(value, Mapping):
        raise ValueError(f"{place}{key} must be an object.")
    return value


def _text(parent: Mapping[str, Any], key: str, place: str) -> None:
    if not isinstance(parent.get(key), str) or not parent[key]:
        raise ValueError(f"{place}{key} must be a text that is not empty.")


def _word(parent: Mapping[str, Any], key: str, place: str, *, form: re.Pattern[str]) -> None:
    _text(parent, key, place)
    if not form.match(parent[key]):
        raise ValueError(f"{place}{key} is {parent[key]!r}, which the API server does not take as a name.")

"""From Kubernetes' OpenAPI v3 documents to closed definitions and a list of served kinds; pure."""
# ruff: noqa: INP001 - scripts side by side, no package

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from covey_schemas import formats, structural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enums import Enums

Schema = dict[str, Any]

_PREFIX = "#/components/schemas/"
_PACKAGES = (
    ("io.k8s.apimachinery.pkg.apis.", ""),
    ("io.k8s.apiextensions-apiserver.pkg.apis.", ""),
    ("io.k8s.kube-aggregator.pkg.apis.", ""),
    ("io.k8s.apimachinery.pkg.", ""),
    ("io.k8s.api.", ""),
)
_QUANTITY = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$"
_BASE64 = (
    r"^([\r\n]*([A-Za-z0-9+/][\r\n]*){4})*(([A-Za-z0-9+/][\r\n]*){2}=[\r\n]*=|([A-Za-z0-9+/][\r\n]*){3}=)?[\r\n]*$"
)
_JSON_SCHEMA = {"$ref": "#/$defs/apiextensions.v1.JSONSchemaProps"}
# What the OpenAPI says too little about: types with their own way of being written.
_SPECIAL: dict[str, Schema] = {
    "api.resource.Quantity": {"type": ["string", "number"], "format": "quantity", "pattern": _QUANTITY},
    "util.intstr.IntOrString": {"x-kubernetes-int-or-string": True, **formats.INT32},
    # Go writes a time that is not set as null, also where the field is required.
    "meta.v1.Time": {"type": "string", "format": "date-time", "pattern": formats.GO_TIME, "nullable": True},
    "meta.v1.MicroTime": {"type": "string", "format": "date-time", "pattern": formats.MICRO_TIME, "nullable": True},
    "meta.v1.FieldsV1": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
    "runtime.RawExtension": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
    "apiextensions.v1.JSON": {"x-kubernetes-preserve-unknown-fields": True},
    "apiextensions.v1.JSONSchemaPropsOrBool": {"type": ["object", "boolean"], "x-schema": True},
    "apiextensions.v1.JSONSchemaPropsOrArray": {"type": ["object", "array"], "x-schema": True},
    "apiextensions.v1.JSONSchemaPropsOrStringArray": {"type": ["object", "array"], "x-schema": True},
}
_NO_DEFAULT: tuple[Any, ...] = ({}, [], "", 0, 0.0, False)
_KEPT = frozenset({"type", "format", "required", "x-kubernetes-list-type", "x-kubernetes-list-map-keys"})


def convert(documents: dict[str, Schema], enums: Enums) -> tuple[dict[str, Schema], dict[str, Any]]:
    """The definitions by short name, and the served kinds: `<group>/<version>/<kind>` to definition and scope."""
    raw: dict[str, Schema] = {}
    for document in documents.values():
        raw |= {_short(name): schema for name, schema in document["components"]["schemas"].items()}
    kinds = dict(sorted(_kinds(documents)))
    definitions = {}
    for name in _reachable(raw, {kind["definition"] for kind in kinds.values()}):
        definitions[name] = structural.definition(_plain(raw[name], raw, enums.get(name, {})))
    return definitions, kinds


def digest(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _kinds(documents: dict[str, Schema]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Kinds with a path of their own, and their lists."""
    for document in documents.values():
        scopes: dict[tuple[str, ...], bool] = {}
        for name, namespaced in _served(document["paths"]):
            scopes[name] = scopes.get(name, False) or namespaced
        for long_name, schema in document["components"]["schemas"].items():
            for gvk in schema.get("x-kubernetes-group-version-kind", ()):
                name = (gvk["group"], gvk["version"], gvk["kind"])
                base = name if name in scopes else (*name[:2], gvk["kind"].removesuffix("List"))
                if base in scopes:
                    yield "/".join(name), {"definition": _short(long_name), "namespaced": scopes[base]}


def _served(paths: Schema) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Group, version and kind of each path of a whole resource; a namespaced kind has one for all namespaces, too."""
    for path, methods in paths.items():
        parts = path.strip("/").split("/")
        resource = parts[2:] if parts[0] == "api" else parts[3:]
        namespaced = resource[:2] == ["namespaces", "{namespace}"]
        if len(resource) != (3 if namespaced else 1):  # a discovery document, one object, a subresource or a watch
            continue
        for method in methods.values():
            gvk = method.get("x-kubernetes-group-version-kind") if isinstance(method, dict) else None
            if gvk:
                yield (gvk["group"], gvk["version"], gvk["kind"]), namespaced


def _reachable(raw: dict[str, Schema], roots: set[str]) -> list[str]:
    found, waiting = set(), sorted(roots)
    while waiting:
        name = waiting.pop()
        if name not in found and name not in _SPECIAL:
            found.add(name)
            waiting.extend(_short(ref.removeprefix(_PREFIX)) for ref in _references(raw[name]))
    return sorted(found)


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        for value in schema.values():
            yield from _references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _references(value)


def _plain(schema: Schema, raw: dict[str, Schema], values: dict[str, list[str]]) -> Schema:
    """One definition with the parts that we use, in the words of `covey_schemas.structural`."""
    inner = schema["allOf"][0] if "allOf" in schema else schema
    result = _kept(schema)
    if "$ref" in inner:
        name = _short(inner["$ref"].removeprefix(_PREFIX))
        return result | (_special(name) if name in _SPECIAL else {"$ref": f"#/$defs/{name}"})
    if "properties" in schema:
        result["properties"] = {
            key: _plain(item, raw, {}) | _listed(item, values.get(key)) for key, item in schema["properties"].items()
        }
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            result[key] = _plain(schema[key], raw, {})
    return result


def _listed(schema: Schema, values: list[str] | None) -> Schema:
    if values is None:
        return {}
    if schema.get("type") == "array":
        return {"items": {"type": "string", "enum": values}}
    return {"enum": values}


def _kept(schema: Schema) -> Schema:
    result = {key: value for key, value in schema.items() if key in _KEPT}
    if schema.get("default") not in (None, *_NO_DEFAULT):  # the others are only what Go's zero values look like
        result["default"] = schema["default"]
    if schema.get("format") == "byte":
        result["pattern"] = _BASE64
    return result


def _special(name: str) -> Schema:
    schema = dict(_SPECIAL[name])
    if schema.pop("x-schema", False):
        schema |= {"if": {"type": "object"}, "then": _JSON_SCHEMA}
    return schema


def _short(name: str) -> str:
    """`io.k8s.api.apps.v1.Deployment` to `apps.v1.Deployment`."""
    for prefix, replacement in _PACKAGES:
        if name.startswith(prefix):
            return replacement + name.removeprefix(prefix)
    return name

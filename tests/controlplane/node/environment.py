"""The environment of a container, and Kubernetes' $(NAME) in its words. Pure: what is looked up is handed in."""

from __future__ import annotations

import re
from base64 import b64decode
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_REFERENCE = re.compile(r"\$\$|\$\(([-._a-zA-Z0-9]+)\)")
Objects = dict[tuple[str, str], dict[str, Any] | None]


class MissingError(Exception):
    """A ConfigMap, Secret or key that a Pod names and that is not there (yet)."""


def expanded(text: str, known: Mapping[str, str]) -> str:
    """Names that are not known stay as they are; `$$` is one dollar."""

    def one(found: re.Match[str]) -> str:
        return "$" if found[0] == "$$" else known.get(found[1], found[0])

    return _REFERENCE.sub(one, text)


def wanted(container: dict[str, Any]) -> set[tuple[str, str]]:
    """Kinds and names of what the environment is made from."""
    refs = [("ConfigMap", one["configMapRef"]) for one in container.get("envFrom", ()) if "configMapRef" in one]
    refs += [("Secret", one["secretRef"]) for one in container.get("envFrom", ()) if "secretRef" in one]
    for one in container.get("env", ()):
        source = one.get("valueFrom", {})
        refs += [("ConfigMap", source["configMapKeyRef"])] if "configMapKeyRef" in source else []
        refs += [("Secret", source["secretKeyRef"])] if "secretKeyRef" in source else []
    return {(kind, ref["name"]) for kind, ref in refs}


def environment(
    container: dict[str, Any],
    objects: Objects,
    *,
    base: Mapping[str, str],
    field: Callable[[dict[str, Any]], str],
) -> dict[str, str]:
    """`field` answers fieldRef and resourceFieldRef."""
    env = dict(base)
    for one in container.get("envFrom", ()):
        env |= _all_of(one, objects)
    for one in container.get("env", ()):
        source = one.get("valueFrom")
        if source is None:
            env[one["name"]] = expanded(one.get("value", ""), env)
        elif (value := _one_of(source, objects, field)) is not None:
            env[one["name"]] = value
    return env


def words(container: dict[str, Any], entrypoint: Sequence[str], env: Mapping[str, str]) -> list[str]:
    command, args = container.get("command"), container.get("args", [])
    return [*([expanded(word, env) for word in command] if command else entrypoint)] + [
        expanded(word, env) for word in args
    ]


def content(kind: str, one: dict[str, Any]) -> dict[str, bytes]:
    if kind == "Secret":
        return {key: b64decode(value) for key, value in (one.get("data") or {}).items()}
    plain = {key: value.encode() for key, value in (one.get("data") or {}).items()}
    return plain | {key: b64decode(value) for key, value in (one.get("binaryData") or {}).items()}


def missing(kind: str, name: str) -> str:
    return f'{kind.lower()} "{name}" not found'


def _all_of(one: dict[str, Any], objects: Objects) -> dict[str, str]:
    kind, ref = ("ConfigMap", one["configMapRef"]) if "configMapRef" in one else ("Secret", one["secretRef"])
    found = objects[kind, ref["name"]]
    if found is None:
        if ref.get("optional"):
            return {}
        raise MissingError(missing(kind, ref["name"]))
    prefix = one.get("prefix", "")
    return {prefix + key: value.decode() for key, value in content(kind, found).items()}


def _one_of(source: dict[str, Any], objects: Objects, field: Callable[[dict[str, Any]], str]) -> str | None:
    if "fieldRef" in source or "resourceFieldRef" in source:
        return field(source)
    known = "configMapKeyRef" in source
    kind, ref = ("ConfigMap", source["configMapKeyRef"]) if known else ("Secret", source["secretKeyRef"])
    found = objects[kind, ref["name"]]
    value = content(kind, found).get(ref["key"]) if found else None
    if value is not None:
        return value.decode()
    if ref.get("optional"):
        return None
    if found is None:
        raise MissingError(missing(kind, ref["name"]))
    where = f"{found['metadata']['namespace']}/{ref['name']}"
    raise MissingError(f"couldn't find key {ref['key']} in {kind} {where}")

"""The schemas of other projects' kinds, which we wrote in `foreign/<group>/<version>/<Kind>.yaml`."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import definitions, files, kubernetes, structural
from .model import KindName, KindSchema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .model import Make

FOLDER = Path(__file__).with_name("foreign")


def makers() -> Mapping[KindName, Make]:
    """Every kind there is a file for; none is read."""
    return {name: partial(_kind, name) for path in FOLDER.glob("*/*/*.yaml") for name in (_name(path),)}


def structure(name: KindName) -> dict[str, Any]:
    """A kind's schema in the form that a CRD has it."""
    return expanded(_file(name)["schema"], shared())


def scope(name: KindName) -> str:
    """Namespaced or Cluster."""
    return str(_file(name)["scope"])


def expanded(schema: Mapping[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
    """Puts shared parts in the place of `use: <name>`, and spells out the types that properties and items imply."""
    if "use" in schema:
        own = {key: value for key, value in schema.items() if key != "use"}
        return expanded(parts[schema["use"]] | own, parts)
    result = dict(schema)
    if "properties" in schema:
        result["type"] = "object"
        result["properties"] = {key: expanded(child, parts) for key, child in schema["properties"].items()}
    if isinstance(schema.get("additionalProperties"), dict):
        result["additionalProperties"] = expanded(schema["additionalProperties"], parts)
    if "items" in schema:
        result["type"] = "array"
        result["items"] = expanded(schema["items"], parts)
    return result


@cache
def shared() -> Mapping[str, Any]:
    """The parts that several kinds use, by name."""
    parts: dict[str, Any] = {}
    for path in FOLDER.glob("*.yaml"):
        parts |= files.yaml(path)
    return parts


def _kind(name: KindName) -> KindSchema:
    root = structural.custom(structure(name), api_version=name.api_version, kind=name.kind)
    schema = definitions.assembled(root, kubernetes.definition)
    return KindSchema(
        name=name,
        schema=schema,
        namespaced=scope(name) == "Namespaced",
        origin=_file(name)["source"],
        cel=definitions.has_rules(schema),
    )


@cache
def _file(name: KindName) -> dict[str, Any]:
    return files.yaml(FOLDER / name.group / name.version / f"{name.kind}.yaml")


def _name(path: Path) -> KindName:
    return KindName(path.parts[-3], path.parts[-2], path.stem)

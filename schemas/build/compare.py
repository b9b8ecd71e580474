"""Lists where our schemas of foreign kinds differ from the projects' CRDs.

    python schemas/build/compare.py FOLDER...     # all *.yaml in there, and deeper

Prose is not compared: descriptions, and the messages of CEL rules.
"""
# ruff: noqa: INP001 - scripts side by side, no package

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # runs in a plain checkout, too

from covey_schemas import foreign_kinds
from covey_schemas.model import KindName

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PROSE = frozenset({"description", "title", "example", "externalDocs"})
_SETS = frozenset({"required", "enum", "x-kubernetes-list-map-keys"})
_NESTED = frozenset({"properties", "items", "additionalProperties"})
_NAMES = frozenset({"apiVersion", "kind", "metadata"})
_INT_OR_STRING = [{"type": "integer"}, {"type": "string"}]


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """What differs at a field of a kind, ours first."""

    kind: str
    path: str
    what: str


def differences(crds: Iterable[dict[str, Any]]) -> Iterator[Difference]:
    """All differences between these CRDs and our kinds; a kind that we don't have is one."""
    ours = set(foreign_kinds.makers())
    for crd in crds:
        spec = crd["spec"]
        for version in spec["versions"]:
            name = KindName(spec["group"], version["name"], spec["names"]["kind"])
            if name not in ours:
                yield Difference(str(name), "", "not bundled")
                continue
            if foreign_kinds.scope(name) != spec["scope"]:
                yield Difference(str(name), "", f"scope: {foreign_kinds.scope(name)}, theirs {spec['scope']}")
            theirs = _without_names(version["schema"]["openAPIV3Schema"])
            for path, what in _compare(_without_names(foreign_kinds.structure(name)), theirs, ""):
                yield Difference(str(name), path, what)


def read(folders: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """Every CRD in the YAML files of these folders."""
    for folder in folders:
        for path in sorted(folder.rglob("*.yaml")):
            for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
                if isinstance(document, dict) and document.get("kind") == "CustomResourceDefinition":
                    yield document


def _compare(ours: dict[str, Any], theirs: dict[str, Any], path: str) -> Iterator[tuple[str, str]]:
    mine, other = _facts(ours), _facts(theirs)
    for key in sorted(mine.keys() | other.keys()):
        if mine.get(key) != other.get(key):
            yield path, f"{key}: {mine.get(key, 'none')}, theirs {other.get(key, 'none')}"
    mine, other = ours.get("properties", {}), theirs.get("properties", {})
    for key in sorted(mine.keys() | other.keys()):
        if key not in other or key not in mine:
            yield f"{path}.{key}", "only ours" if key in mine else "only theirs"
        else:
            yield from _compare(mine[key], other[key], f"{path}.{key}")
    for key, mark in (("items", "[]"), ("additionalProperties", "{}")):
        yield from _compare_child(ours.get(key), theirs.get(key), path + mark)


def _compare_child(ours: Any, theirs: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        yield from _compare(ours, theirs, path)
    elif ours != theirs:
        yield path, "only theirs" if ours is None else "only ours" if theirs is None else f"{ours}, theirs {theirs}"


def _facts(schema: dict[str, Any]) -> dict[str, Any]:
    """What a node says of its own values, in one form for both sides."""
    facts = {key: value for key, value in schema.items() if key not in _PROSE | _NESTED and value is not None}
    if facts.get("x-kubernetes-int-or-string") and facts.get("anyOf") == _INT_OR_STRING:
        del facts["anyOf"]
    for key in _SETS & facts.keys():
        facts[key] = sorted(facts[key])
    if "x-kubernetes-validations" in facts:
        facts["x-kubernetes-validations"] = sorted(rule["rule"] for rule in facts["x-kubernetes-validations"])
    return facts


def _without_names(schema: dict[str, Any]) -> dict[str, Any]:
    """The catalog adds apiVersion, kind and metadata to every kind; what a CRD says of them is not compared."""
    properties = {key: child for key, child in schema.get("properties", {}).items() if key not in _NAMES}
    required = [name for name in schema.get("required", ()) if name not in _NAMES]
    rest = {key: value for key, value in schema.items() if key not in {"properties", "required"}}
    return rest | {"properties": properties} | ({"required": required} if required else {})


def main() -> int:
    if len(sys.argv) == 1:
        sys.exit("Name at least one folder with CRDs.")
    found = sorted(differences(read(map(Path, sys.argv[1:]))))
    for difference in found:
        print(f"{difference.kind} {difference.path or '.'}: {difference.what}")  # noqa: T201 - a script
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

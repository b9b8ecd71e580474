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
_COMMON = "common.yaml"


def makers() -> Mapping[KindName, Make]:
    """Every kind there is a file for; none is read."""
    paths = sorted(FOLDER.glob("*/*/*.yaml"))
    return {name: partial(_kind, name) for path in paths if (name := _name(path)).kind[0].isupper()}


def written(name: KindName) -> dict[str, Any]:
    """A kind's file as it is written: `source`, `scope` and `schema`."""
    return _read(FOLDER / name.group / name.version / f"{name.kind}.yaml")


def common(group: str, definition: str) -> dict[str, Any]:
    """A shared part as it is written: the group's own, or everybody's."""
    for path in (FOLDER / group / _COMMON, FOLDER / _COMMON):
        found = _read(path).get(definition) if path.is_file() else None
        if found is not None:
            return dict(found)
    raise KeyError(f"{group} refers to {definition}, which is in none of its {_COMMON} files.")


def _name(path: Path) -> KindName:
    return KindName(path.parts[-3], path.parts[-2], path.stem)


def _kind(name: KindName) -> KindSchema:
    file = written(name)
    root = structural.custom(file["schema"], api_version=name.api_version, kind=name.kind)
    schema = definitions.assembled(root, partial(_define, name.group))
    return KindSchema(
        name=name,
        schema=schema,
        namespaced=file["scope"] == "Namespaced",
        origin=file["source"],
        cel=definitions.has_rules(schema),
    )


def _define(group: str, name: str) -> dict[str, Any]:
    """Names with dots are Kubernetes' definitions, the others ours."""
    return kubernetes.definition(name) if "." in name else structural.definition(common(group, name))


@cache
def _read(path: Path) -> dict[str, Any]:
    return files.yaml(path)

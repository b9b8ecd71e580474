"""The schemas of Kubernetes' own kinds, from the generated files in `kubernetes/`; see docs/schemas.md."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import definitions, files, structural
from .model import KindName, KindSchema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .model import Make

FOLDER = Path(__file__).with_name("kubernetes")


def makers() -> Mapping[KindName, Make]:
    """Every served kind; only the index is read."""
    return {
        name: _maker(name, **entry) for key, entry in index()["kinds"].items() if (name := KindName(*key.split("/")))
    }


@cache
def index() -> dict[str, Any]:
    return _read("index")


def definition(name: str) -> dict[str, Any]:
    """A definition such as `core.v1.PodSpec`; reads its package's file once."""
    found: dict[str, Any] = _read(name.rpartition(".")[0])["definitions"][name]
    return found


def _maker(name: KindName, *, definition: str, namespaced: bool) -> Make:
    return lambda: _kind(name, definition, namespaced=namespaced)


def _kind(name: KindName, root: str, *, namespaced: bool) -> KindSchema:
    schema = structural.named(definition(root), api_version=name.api_version, kind=name.kind)
    return KindSchema(
        name=name,
        schema=definitions.assembled(schema, definition),
        namespaced=namespaced,
        origin=f"Kubernetes {index()['version']}",
        cel=False,  # Kubernetes' own kinds are checked by Go code, which the API does not publish as CEL
    )


@cache
def _read(package: str) -> dict[str, Any]:
    return files.json(FOLDER / f"{package}.json")

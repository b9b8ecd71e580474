"""Where schemas come from: those that Covey brings, and those read from CRDs.

Importing this module reads nothing; a schema is read when it is asked for.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import files
from .model import Catalog, KindName, KindSchema, LayeredCatalog, LazyCatalog

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Catalog", "KindName", "KindSchema", "bundled", "crds", "from_crds", "kind_schema", "layered"]

OURS = "covey"
_HERE = Path(__file__).parent


@cache
def bundled() -> Catalog:
    """Covey's own kinds, the foreign kinds that it emits, and Kubernetes' kinds."""
    from . import foreign_kinds, kubernetes  # noqa: PLC0415 - importing the catalog stays cheap

    return layered(
        LazyCatalog(kubernetes.makers),
        LazyCatalog(foreign_kinds.makers),
        LazyCatalog(lambda: _crd_makers(crds(), OURS)),
    )


def layered(*catalogs: Catalog) -> Catalog:
    """Several catalogs as one; the first that knows a kind answers."""
    return LayeredCatalog(catalogs)


def from_crds(documents: Iterable[Mapping[str, Any]], origin: str) -> Catalog:
    """The kinds of these CustomResourceDefinitions, all served versions.

    Raises ValueError, in one sentence, for a document that is no CRD which the API server would take.
    """
    makers = _crd_makers(documents, origin)
    return LazyCatalog(lambda: makers)


def _crd_makers(documents: Iterable[Mapping[str, Any]], origin: str) -> Mapping[KindName, Any]:
    from . import custom_resources  # noqa: PLC0415 - importing the catalog stays cheap

    return custom_resources.makers(documents, origin)


@cache
def crds() -> tuple[dict[str, Any], ...]:
    """Covey's CustomResourceDefinitions."""
    return tuple(files.yaml(path) for path in sorted((_HERE / "crds").glob("*.yaml")))


@cache
def kind_schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of FederatedJob, DataSet or Fleet as people write them."""
    path = _HERE / "kinds" / f"{kind.lower()}.schema.json"
    if not path.is_file():
        known = ", ".join(sorted(written_kinds()))
        raise KeyError(f"Covey has no written kind {kind}; there are {known}.")
    return files.json(path)


@cache
def written_kinds() -> tuple[str, ...]:
    """The kinds that people write, by name."""
    paths = sorted((_HERE / "kinds").glob("*.schema.json"))
    return tuple(files.json(path)["title"] for path in paths)

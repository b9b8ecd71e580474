"""OCM's CRDs on a hub and on a spoke: its own from ../shared/crds, else made from our schemas of them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from controlplane.crd_files import load
from controlplane.ocm.kinds import CRD
from covey_schemas import foreign_kinds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from controlplane.ocm.api import Api
    from covey_schemas.model import KindName

SHARED = Path(__file__).resolve().parents[4] / "shared" / "crds"
_GROUPS = tuple(f"{part}.open-cluster-management.io" for part in ("cluster", "work", "addon"))
_SPOKE_KINDS = ("AppliedManifestWork", "ClusterClaim")
_STORED = "v1alpha1"  # of kinds with more than one version
_SECONDS = 30.0


def of_hub() -> list[dict[str, Any]]:
    return list(_theirs("ocm-hub")) or [crd for crd in _ours() if crd["spec"]["names"]["kind"] not in _SPOKE_KINDS]


def of_spoke() -> list[dict[str, Any]]:
    return list(_theirs("ocm-spoke")) or [crd for crd in _ours() if crd["spec"]["names"]["kind"] in _SPOKE_KINDS]


def install(api: Api, crds: Iterable[dict[str, Any]]) -> None:
    """Returns when the API server serves them all."""
    names = [api.apply(CRD, crd)["metadata"]["name"] for crd in crds]
    end = time.monotonic() + _SECONDS
    while missing := set(names) - {crd["metadata"]["name"] for crd in api.list(CRD) if _is_served(crd)}:
        assert time.monotonic() < end, f"the API server does not serve these CRDs: {', '.join(sorted(missing))}"
        time.sleep(0.1)


def _is_served(crd: dict[str, Any]) -> bool:
    conditions = crd.get("status", {}).get("conditions") or []
    return any(one["type"] == "Established" and one["status"] == "True" for one in conditions)


def _theirs(folder: str) -> Iterator[dict[str, Any]]:
    for path in sorted((SHARED / folder).glob("*.yaml")):
        crd = load(path)
        crd.pop("status", None)
        crd["spec"].pop("preserveUnknownFields", None)  # false, and said in a way that API servers no longer take
        yield crd


def _ours() -> list[dict[str, Any]]:
    names = sorted(name for name in foreign_kinds.makers() if name.group in _GROUPS)
    kinds = sorted({(name.group, name.kind) for name in names})
    return [_crd([name for name in names if (name.group, name.kind) == kind]) for kind in kinds]


def _crd(names: list[KindName]) -> dict[str, Any]:
    first = names[0]
    plural = f"{first.kind.lower()}s"
    words = {"kind": first.kind, "listKind": f"{first.kind}List", "plural": plural, "singular": first.kind.lower()}
    scope = foreign_kinds.scope(first)
    stored = first.version if len(names) == 1 else _STORED
    versions = [_version(name, stored=name.version == stored) for name in names]
    return {
        "apiVersion": CRD.group_version,
        "kind": CRD.kind,
        "metadata": {"name": f"{plural}.{first.group}"},
        "spec": {"group": first.group, "names": words, "scope": scope, "versions": versions},
    }


def _version(name: KindName, *, stored: bool) -> dict[str, Any]:
    schema = foreign_kinds.structure(name)
    subresources = {"subresources": {"status": {}}} if "status" in schema["properties"] else {}
    return {
        "name": name.version,
        "served": True,
        "storage": stored,
        "schema": {"openAPIV3Schema": schema},
    } | subresources

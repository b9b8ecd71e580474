"""What a real API server says of objects: all CRDs on a hub, and server-side apply as a dry run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from controlplane.crd_files import load
from controlplane.rest import Rest
from covey_schemas import foreign_kinds
from covey_schemas.catalog import crds
from waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from controlplane.cluster import Cluster

SHARED = Path(__file__).resolve().parents[2] / "shared" / "crds"
_PROJECTS = ("ocm-hub", "ocm-spoke", "policy")
_APPLY = "application/apply-patch+yaml"
_TRY = "fieldManager=covey-tests&force=true&dryRun=All&fieldValidation=Strict"

Value = dict[str, Any]


@dataclass(frozen=True)
class Verdict:
    accepted: bool
    code: int
    message: str = ""


def all_crds() -> list[Value]:
    """Ours, those of other projects where they are at hand, and for the rest what our own schemas say."""
    files = [file for folder in _PROJECTS for file in sorted((SHARED / folder).glob("*.yaml"))]
    theirs = list(map(load, files))
    known = {(crd["spec"]["group"], crd["spec"]["names"]["kind"]) for crd in theirs}
    return [*crds(), *theirs, *(crd for key, crd in _of_our_schemas().items() if key not in known)]


def _of_our_schemas() -> dict[tuple[str, str], Value]:
    found: dict[tuple[str, str], Value] = {}
    for name in sorted(foreign_kinds.makers()):  # the first version is the one that is stored
        lower = name.kind.lower()
        plural = f"{lower.removesuffix('y')}ies" if lower.endswith("y") else f"{lower}s"
        names = {"kind": name.kind, "plural": plural, "singular": lower}
        spec = {"group": name.group, "names": names, "scope": foreign_kinds.scope(name), "versions": []}
        crd = found.setdefault((name.group, name.kind), _crd(f"{plural}.{name.group}", spec))
        versions = crd["spec"]["versions"]
        schema = {"openAPIV3Schema": {"type": "object", **foreign_kinds.structure(name)}}
        status = {"subresources": {"status": {}}} if "status" in schema["openAPIV3Schema"]["properties"] else {}
        versions.append({"name": name.version, "served": True, "storage": not versions, "schema": schema, **status})
    return found


def _crd(name: str, spec: Value) -> Value:
    version = "apiextensions.k8s.io/v1"
    return {"apiVersion": version, "kind": "CustomResourceDefinition", "metadata": {"name": name}, "spec": spec}


class Hub:
    """A cluster's API; what objects it is asked about it answers without keeping them."""

    def __init__(self, cluster: Cluster) -> None:
        self.rest = Rest(cluster)
        self._served: dict[str, dict[str, tuple[str, bool]]] = {}
        self._namespaces: set[str] = set()

    def install(self, definitions: Iterable[Value]) -> None:
        """Returns when all of their kinds are served."""
        definitions = list(definitions)
        for crd in definitions:
            path = f"/apis/{crd['apiVersion']}/customresourcedefinitions/{crd['metadata']['name']}"
            status, said = self.rest.ask("PATCH", f"{path}?fieldManager=covey-tests&force=true", crd, kind=_APPLY)
            assert status in {200, 201}, f"{crd['metadata']['name']}: {said['message']}"
        for crd in definitions:
            for version in crd["spec"]["versions"]:
                if version["served"]:
                    self._wait_for(f"{crd['spec']['group']}/{version['name']}", crd["spec"]["names"]["kind"])

    def need_namespaces(self, objects: Iterable[Value]) -> None:
        """Makes, for real, the namespaces that objects name; what has none goes into `default`."""
        for name in sorted({"default", *filter(None, map(_namespace, objects))} - self._namespaces):
            body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
            status, said = self.rest.ask("POST", "/api/v1/namespaces", body)
            assert status in {201, 409}, said
            until(lambda at=name: self._ready(at), f"the service account of the namespace {name}")
            self._namespaces.add(name)

    def verdict(self, value: Value, *, create: bool = False) -> Verdict:
        """Of server-side apply, the way that Argo CD applies; unknown fields are errors."""
        api_version, metadata = value.get("apiVersion"), value["metadata"]
        found = self._kinds(api_version).get(value.get("kind")) if isinstance(api_version, str) else None
        if found is None:
            return Verdict(accepted=False, code=404, message="no such kind is served")
        plural, namespaced = found
        inside = f"/namespaces/{quote(metadata.get('namespace') or 'default', safe='')}" if namespaced else ""
        path = f"{_root(api_version)}{inside}/{plural}"
        if create:
            code, said = self.rest.ask("POST", f"{path}?{_TRY.replace('&force=true', '')}", value)
        else:
            code, said = self.rest.ask("PATCH", f"{path}/{quote(metadata['name'], safe='')}?{_TRY}", value, kind=_APPLY)
        return Verdict(code in {200, 201}, code, "" if code in {200, 201} else str(said["message"]))

    def close(self) -> None:
        self.rest.close()

    def _kinds(self, api_version: str) -> dict[str, tuple[str, bool]]:
        if api_version not in self._served:
            status, said = self.rest.ask("GET", _root(api_version))
            if status != 200:
                return {}
            served = [one for one in said["resources"] if "/" not in one["name"]]
            self._served[api_version] = {one["kind"]: (one["name"], one["namespaced"]) for one in served}
        return self._served[api_version]

    def _wait_for(self, api_version: str, kind: str) -> None:
        def served() -> bool:
            self._served.pop(api_version, None)
            return kind in self._kinds(api_version)

        until(served, f"{api_version} {kind}")

    def _ready(self, namespace: str) -> bool:
        """Pods are refused until the namespace has its service account."""
        return self.rest.ask("GET", f"/api/v1/namespaces/{namespace}/serviceaccounts/default")[0] == 200


def carried(value: Value) -> Iterator[Value]:
    """The objects that a work brings to a spoke, with theirs."""
    spec = value.get("spec") or {}
    work = (spec.get("manifestWorkTemplate") or {}) if value.get("kind") == "ManifestWorkReplicaSet" else spec
    for manifest in (work.get("workload") or {}).get("manifests") or () if isinstance(work, dict) else ():
        yield manifest
        yield from carried(manifest)


def _namespace(value: Value) -> str | None:
    return value["metadata"].get("namespace")


def _root(api_version: str) -> str:
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"

"""What a hub holds, as plain objects: from the hub itself, or from a file that was saved of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from covey_cli.errors import UserError
from covey_cli.files import Change, read_bytes
from covey_cli.hub.connection import Resource
from covey_cli.hub.needs import CLUSTER_SETS, CLUSTERS, OCM
from covey_cli.staging import Staging
from covey_core.findings import Severity
from covey_core.placement import ObjectError, World
from covey_core.reading import read
from covey_core.reading.limits import LENIENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from covey_cli.hub.connection import Hub

_GROUP: Final = f"cluster.{OCM}"
RESOURCES: Final = (
    CLUSTERS,
    CLUSTER_SETS,
    Resource(_GROUP, "v1beta2", "ManagedClusterSetBinding", "managedclustersetbindings", namespaced=True),
    Resource(_GROUP, "v1alpha1", "AddOnPlacementScore", "addonplacementscores", namespaced=True),
    Resource(_GROUP, "v1beta1", "PlacementDecision", "placementdecisions", namespaced=True),
)
_MOST_BYTES: Final = 256 * 1024 * 1024
_KEPT_METADATA: Final = ("name", "namespace", "labels", "annotations", "deletionTimestamp")
_LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
_LARGE = "A name that ends in .json makes one in JSON, which may be larger: `--save hub.json`."
_HINT = "`covey preview --kubeconfig FILE --save FILE` makes one from a hub."
Plain = dict[str, Any]


def from_hub(hub: Hub) -> list[Plain]:
    return [small(one) for resource in RESOURCES for one in hub.list(resource)]


def from_file(path: Path) -> list[Plain]:
    """The objects of a YAML or JSON file: documents or Lists of them, as `kubectl get -o yaml` prints them."""
    data = read_bytes(path, _MOST_BYTES)
    documents = _json(path, data) if data.lstrip().startswith(b"{") else _yaml(path, data)
    objects = [one for document in documents for one in _unlisted(document, path)]
    if not any(one.get("kind") == "ManagedCluster" for one in objects):
        raise UserError(f"The snapshot {path} holds no ManagedCluster.", hint=_HINT)
    return objects


def world_of(objects: Iterable[Plain], where: str) -> World:
    try:
        return World.of(objects)
    except ObjectError as error:
        raise UserError(f"{where} can't be used: {error}") from None


def save(path: Path, objects: Iterable[Plain]) -> None:
    """A List, sorted, so that two snapshots can be compared; JSON where the file's name says so."""
    items = sorted(
        objects, key=lambda one: (one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"])
    )
    whole = {"apiVersion": "v1", "kind": "List", "items": items}
    if path.suffix == ".json":
        text = json.dumps(whole, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    else:
        from covey_core.manifests import to_yaml  # noqa: PLC0415 - not for JSON

        text = to_yaml(whole)
        if len(text.encode()) > LENIENT.size:
            raise UserError("The hub holds too much for a snapshot in YAML.", hint=_LARGE)
    path = path.absolute()
    if not path.parent.is_dir():
        raise UserError(f"There is no folder {path.parent} to save the snapshot in.")
    with Staging(path.parent) as staging:
        staging.stage([Change(path.name, text.encode())], [])
        staging.apply()


def small(one: Plain) -> Plain:
    """Without what decides nothing, or should not lie about: bookkeeping, addresses of clusters' API servers."""
    metadata = {key: value for key, value in one.get("metadata", {}).items() if key in _KEPT_METADATA}
    notes = {key: value for key, value in (metadata.pop("annotations", None) or {}).items() if key != _LAST_APPLIED}
    spec = {key: value for key, value in (one.get("spec") or {}).items() if key != "managedClusterClientConfigs"}
    kept = {**one, "metadata": metadata | ({"annotations": notes} if notes else {})}
    return kept | ({"spec": spec} if "spec" in one else {})


def _json(path: Path, data: bytes) -> list[Any]:
    try:
        return [json.loads(data)]
    except (ValueError, RecursionError) as error:
        raise UserError(f"The snapshot {path} is no JSON: {error}.", hint=_HINT) from None


def _yaml(path: Path, data: bytes) -> list[Any]:
    if len(data) > LENIENT.size:
        raise UserError(f"The snapshot {path} is too large for YAML.", hint=_LARGE)
    reading = read(path.as_posix(), data, strict=False)
    for finding in reading.findings:
        if finding.severity is Severity.ERROR:
            place = f"{path}:{finding.position.line}:{finding.position.column}"
            raise UserError(f"The snapshot can't be read at {place}: {finding.message}", hint=finding.hint or _HINT)
    return [document.value for document in reading.documents]


def _unlisted(value: Any, path: Path) -> Iterator[Plain]:
    if not isinstance(value, dict):
        raise UserError(f"The snapshot {path} holds something that is no Kubernetes object.", hint=_HINT)
    items = value.get("items")
    if isinstance(items, list) and str(value.get("kind")).endswith("List"):
        kind = str(value["kind"]).removesuffix("List")
        named = {"kind": kind, "apiVersion": value.get("apiVersion")} if kind else {}
        for item in items:
            for one in _unlisted(item, path):
                yield {**named, **one}
    else:
        yield value

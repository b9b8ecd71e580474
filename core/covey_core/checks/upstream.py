"""Warnings about FederatedLearnings of upstream's kind (without `spec.covey`) that upstream's controller can't run.

What that controller does is in `docs/upstream-fields.md`, with the reason for each rule here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from covey_core import names
from covey_core.checks.report import Report
from covey_core.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covey_core.documents import Document
    from covey_core.findings import Finding

Plain = dict[str, Any]

FRAMEWORKS = ("flower", "openfl", "other")
LISTENERS = ("LoadBalancer", "NodePort")
STORAGES = ("PersistentVolumeClaim", "S3Bucket")
NODE_PORTS = range(30000, 32768)
DEFAULT_PORT = 8080
_GROUP = names.LEARNING_API_VERSION.partition("/")[0] + "/"
_QUANTITY = re.compile(r"[+]?([0-9]+([.][0-9]*)?|[.][0-9]+)([KMGTPE]i|[mkMGTPE]|[eE][-+]?[0-9]+)?\Z")


def upstream_findings(document: Document) -> tuple[Finding, ...]:
    """Also looks into the items of a List; what is of the wrong type is the schema's business."""
    report = Report(document)
    for at, resource in _resources(document.value):
        _Resource(resource, at, report).check()
    return report.findings


def _resources(value: Any) -> Iterator[tuple[str, Plain]]:
    if not isinstance(value, dict):
        return
    if value.get("kind") == "List":
        for index, item in enumerate(_list(value, "items")):
            if isinstance(item, dict):
                yield from ((f"/items/{index}{at}", one) for at, one in _resources(item))
    elif _is_learning(value) and _map(value, "spec").get("covey") is None:
        yield "", value


def _is_learning(value: Plain) -> bool:
    return value.get("kind") == "FederatedLearning" and str(value.get("apiVersion")).startswith(_GROUP)


class _Resource:
    """One resource and where it stands in its document."""

    def __init__(self, value: Plain, at: str, report: Report) -> None:
        spec = _map(value, "spec")
        self._at, self._report = f"{at}/spec", report
        self._framework = spec.get("framework", "other")
        self._server, self._client = _map(spec, "server"), _map(spec, "client")

    def check(self) -> None:
        if isinstance(self._framework, str) and self._framework not in FRAMEWORKS:
            self._warn(
                "framework",
                f"Upstream knows no framework {self._framework!r} and would run its OpenFL job.",
                "/framework",
                f"Name one of {', '.join(FRAMEWORKS)}.",
            )
        self._images()
        self._minimum()
        if self._framework == "flower":
            self._ignored()
            return
        self._rounds()
        self._listener()
        self._storage()
        self._data()

    def _warn(self, rule: str, message: str, pointer: str, hint: str) -> None:
        self._report.add(f"upstream/{rule}", message, self._at + pointer, hint=hint, severity=Severity.WARNING)

    def _images(self) -> None:
        for side, part in (("server", self._server), ("client", self._client)):
            if not part.get("image"):
                message = f"The {side} has no image, so its Pod can't be made."
                self._warn("image", message, f"/{side}/image", f"Name the image in spec.{side}.image.")

    def _minimum(self) -> None:
        minimum = self._server.get("minAvailableClients")
        selected = _map(self._client, "placement").get("numberOfClusters")
        if minimum is None:
            message = "Without minAvailableClients the training starts even if no cluster is selected."
            self._warn("minimum", message, "/server/minAvailableClients", "Say how many clients must be there.")
        elif isinstance(minimum, int) and isinstance(selected, int) and selected < minimum:
            message = (
                f"Placement selects at most {selected} clusters, but {minimum} are needed: it would wait for ever."
            )
            hint = "Raise numberOfClusters or lower minAvailableClients."
            self._warn("minimum", message, "/client/placement/numberOfClusters", hint)

    def _ignored(self) -> None:
        for field in ("rounds", "listeners", "storage"):
            if self._server.get(field):
                message = f"Upstream ignores {field} for Flower."
                self._warn("ignored", message, f"/server/{field}", f"Leave {field} out and set it in the Flower app.")

    def _rounds(self) -> None:
        if not self._server.get("rounds"):
            message = "The server would train 0 rounds."
            self._warn("rounds", message, "/server/rounds", "Say how many rounds to train in spec.server.rounds.")

    def _listener(self) -> None:
        listeners = _list(self._server, "listeners")
        if not listeners:
            message = "Without a listener the resource stays in Waiting, with no message."
            hint = f"Add a listener of type {' or '.join(LISTENERS)}."
            self._warn("listener", message, "/server/listeners", hint)
        elif isinstance(listeners[0], dict):
            self._first_listener(listeners[0])
        if len(listeners) > 1:
            message = "Upstream uses the first listener only."
            self._warn("ignored", message, "/server/listeners/1", "Leave the other listeners out.")

    def _first_listener(self, listener: Plain) -> None:
        at, kind, port = "/server/listeners/0", listener.get("type"), listener.get("port", DEFAULT_PORT)
        if kind not in LISTENERS:
            message = f"Upstream's controller refuses the listener type {kind!r}: the resource stays in Waiting."
            self._warn("listener-type", message, f"{at}/type", f"Use {' or '.join(LISTENERS)}.")
        if kind == "NodePort" and isinstance(port, int) and port not in NODE_PORTS:
            message = f"The port {port} is no node port: the API server refuses the Service."
            hint = f"Use a port from {NODE_PORTS[0]} to {NODE_PORTS[-1]}, the API server's default range."
            self._warn("node-port", message, f"{at}/port", hint)
        if kind != "NodePort" and listener.get("ip"):
            message = "Upstream uses a listener's ip for NodePort only."
            self._warn("ignored", message, f"{at}/ip", "Leave ip out.")

    def _storage(self) -> None:
        storage = _map(self._server, "storage")
        kind, at = storage.get("type"), "/server/storage"
        if not storage:
            message = "Without storage the model can't be kept: the resource stays in Waiting."
            self._warn("storage", message, at, "Add storage of type PersistentVolumeClaim with name, size and path.")
            return
        if kind not in STORAGES:
            message = f"Upstream's controller refuses the storage type {kind!r}: the resource stays in Waiting."
            self._warn("storage-type", message, f"{at}/type", "Use PersistentVolumeClaim.")
        for field in ("name", "path"):
            if not storage.get(field):
                message = f"The storage has no {field}, so the server can't mount it."
                self._warn("storage", message, f"{at}/{field}", f"Add spec.server.storage.{field}.")
        if kind == "PersistentVolumeClaim" and not _QUANTITY.match(str(storage.get("size", ""))):
            message = "The volume claim can't be made without a size that is a Kubernetes quantity."
            self._warn("storage", message, f"{at}/size", "Give the size, for example 2Gi.")
        if kind == "S3Bucket":
            self._bucket(storage)

    def _bucket(self, storage: Plain) -> None:
        at = "/server/storage/s3"
        if not _map(storage, "s3").get("bucketName"):
            message = "Storage of type S3Bucket needs the bucket's name."
            self._warn("storage", message, at, "Add spec.server.storage.s3.bucketName.")
        message = "Upstream gives every S3 volume the same handle, and its role as shipped may not make the volume."
        self._warn("storage-bucket", message, at, "Use a PersistentVolumeClaim, or make the volume beforehand.")

    def _data(self) -> None:
        """Upstream takes the path of the data from the claim that a predicate asks for with `Exists`."""
        if "Exists" not in _claim_operators(_map(self._client, "placement")):
            message = "No predicate asks for a claim with Exists, so clients aren't told where their data is."
            hint = "Add a claimSelector with the operator Exists and the claim that holds the path of the data."
            self._warn("data-claim", message, "/client/placement/predicates", hint)


def _claim_operators(placement: Plain) -> list[Any]:
    selectors = [_map(_map(one, "requiredClusterSelector"), "claimSelector") for one in _list(placement, "predicates")]
    requirements = [requirement for selector in selectors for requirement in _list(selector, "matchExpressions")]
    return [requirement.get("operator") for requirement in requirements if isinstance(requirement, dict)]


def _map(value: Any, key: str) -> Plain:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _list(value: Plain, key: str) -> list[Any]:
    found = value.get(key)
    return found if isinstance(found, list) else []

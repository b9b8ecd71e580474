"""Reads CRDs for `covey schema import`, and answers what `covey schema list` and `show` ask."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from covey_core.findings import Finding, Severity, has_errors
from covey_core.reading import position_of, read
from covey_schemas.catalog import KindName, bundled, from_crds, kind_schema, layered

from . import imported, manifest_files
from .errors import UserError, did_you_mean
from .files import read_bytes
from .validating import MOST_BYTES, standard_input

if TYPE_CHECKING:
    from collections.abc import Iterable

    from covey_core.documents import Document
    from covey_schemas.catalog import Catalog

_CRD = "CustomResourceDefinition"
_WRITTEN = ("FederatedJob", "DataSet", "Fleet")


@dataclass(slots=True)
class Imported:
    """What was read: the text of each schema by its path, and what is wrong."""

    files: int = 0
    schemas: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        return has_errors(self.findings) or not self.schemas


class Row(NamedTuple):
    """A kind with a schema."""

    kind: str
    version: str
    origin: str


def read_crds(paths: Iterable[str]) -> Imported:
    """Every CRD in `paths`; other kinds are left alone in a folder."""
    found = manifest_files.find(paths)
    result = Imported(len(found.files), findings=found.findings)
    for name in found.files:
        _read_file(name, result)
    if not result.schemas and not has_errors(result.findings):
        message = f"There is no {_CRD} in it."
        result.findings.extend(Finding("schema/no-crd", message, name) for name in dict.fromkeys(paths))
    return result


def _read_file(name: str, result: Imported) -> None:
    try:
        data = standard_input() if name == manifest_files.STDIN else read_bytes(Path(name), MOST_BYTES)
    except UserError as error:
        result.findings.append(Finding("file/unreadable", error.message, name, hint=error.hint))
        return
    reading = read(name, data, strict=False)
    result.findings.extend(finding for finding in reading.findings if finding.severity is Severity.ERROR)
    for document in reading.documents:
        for pointer, crd in _crds_in(document.value):
            _cut(crd, document, pointer, result)


def read_hub(kubeconfig: Path | None, context: str | None) -> Imported:
    """Every CRD of a hub; its API server has taken them, so one that Covey can't use is only left out."""
    from .hub.connection import connect  # noqa: PLC0415 - only where a hub is asked
    from .hub.needs import CRDS  # noqa: PLC0415 - the same

    with connect(kubeconfig, context) as hub:
        crds, origin = hub.list(CRDS), f"the hub {hub.context}"
    result = Imported(len(crds))
    for crd in crds:
        name = crd["metadata"]["name"]
        try:
            from_crds([crd], origin)
            result.schemas.update(imported.cut(crd, origin))
        except ValueError as error:
            found = Finding("schema/bad-crd", str(error), name, hint="It is left out.", severity=Severity.WARNING)
            result.findings.append(found)
    if not crds:
        result.findings.append(Finding("schema/no-crd", f"There is no {_CRD} on it.", origin))
    return result


def _crds_in(value: Any, pointer: str = "") -> Iterable[tuple[str, dict[str, Any]]]:
    if not isinstance(value, dict):
        return
    items = value.get("items")
    if value.get("kind") == _CRD:
        yield pointer, value
    elif str(value.get("kind")).endswith("List") and isinstance(items, list):
        for index, item in enumerate(items):
            yield from _crds_in(item, f"{pointer}/items/{index}")


def _cut(crd: dict[str, Any], document: Document, pointer: str, result: Imported) -> None:
    try:
        from_crds([crd], document.source)
        cut = dict(imported.cut(crd, Path(document.source).name))
    except ValueError as error:
        position = position_of(document, pointer)
        hint = "Take the CRD from the project's release, or from `kubectl get crd NAME -o yaml`."
        result.findings.append(Finding("schema/bad-crd", str(error), document.source, position, pointer, hint))
        return
    for path in result.schemas.keys() & cut.keys():
        message = f"Another CRD has brought the schema {path} already; this one replaces it."
        where = position_of(document, pointer)
        result.findings.append(
            Finding("schema/twice", message, document.source, where, pointer, severity=Severity.WARNING)
        )
    result.schemas.update(cut)


def listing(schemas: Path | None) -> list[Row]:
    catalog = _catalog(schemas)
    found = [(name, catalog.find(name)) for name in catalog.kinds()]
    rows = [Row(name.kind, name.api_version, kind.origin) for name, kind in found if kind is not None]
    written = [Row(kind, "covey.dev/v1alpha1", "covey, as people write it") for kind in _WRITTEN]
    return sorted([*rows, *written])


def schema_text(kind: str, schemas: Path | None) -> str:
    """The JSON Schema of one kind as text; raises UserError where there is none, or several."""
    if kind in _WRITTEN:
        return json.dumps(kind_schema(kind), indent=2, ensure_ascii=False)
    catalog = _catalog(schemas)
    names = _named(kind, catalog)
    if not names:
        known = [*_WRITTEN, *(name.kind for name in catalog.kinds())]
        raise UserError(
            f"There is no schema for {kind}.{did_you_mean(kind, known)}", hint="`covey schema list` lists them."
        )
    if len({name.group for name in names}) > 1:
        full = ", ".join(f"{name.api_version}/{name.kind}" for name in names)
        raise UserError(f"Several groups have a kind {kind}.", hint=f"Name one of {full}.")
    best = catalog.versions_of(names[0].group, names[0].kind)[0]
    name = names[0] if "/" in kind else KindName(names[0].group, best, names[0].kind)
    found = catalog.find(name)
    return json.dumps(found.schema if found else {}, indent=2, ensure_ascii=False)


def _named(kind: str, catalog: Catalog) -> list[KindName]:
    if "/" in kind:
        name = KindName.of(*kind.rsplit("/", 1))
        return [name] if catalog.find(name) is not None else []
    return [name for name in catalog.kinds() if name.kind.lower() == kind.lower()]


def _catalog(schemas: Path | None) -> Catalog:
    folder = imported.folder_for_reading(schemas)
    return layered(imported.catalog(folder), bundled()) if folder is not None else bundled()

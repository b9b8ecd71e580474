"""The JSON that kubeconform prints, for pipelines that read it already."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from covey_core.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .file_results import FileResult, Resource

_STATUSES: Final = {
    "valid": "statusValid",
    "invalid": "statusInvalid",
    "errors": "statusError",
    "skipped": "statusSkipped",
}
_SILENT: Final = frozenset({"valid", "skipped"})


def as_json(results: Iterable[FileResult], counts: dict[str, int], *, summary: bool) -> str:
    """Like kubeconform, names only what is invalid or could not be checked; the summary counts everything."""
    rows = [_row(result.name, item) for result in results for item in result.resources if item.status not in _SILENT]
    report: dict[str, Any] = {"resources": rows}
    if summary:
        report["summary"] = counts
    return json.dumps(report, indent=2)


def _row(filename: str, resource: Resource) -> dict[str, Any]:
    errors = [finding for finding in resource.findings if finding.severity is Severity.ERROR]
    row: dict[str, Any] = {
        "filename": filename,
        "kind": resource.kind,
        "name": resource.name,
        "version": resource.version,
        "status": _STATUSES[resource.status],
        "msg": " ".join(finding.message for finding in errors),
    }
    if resource.status == "invalid":
        row["validationErrors"] = [{"path": finding.pointer, "msg": finding.message} for finding in errors]
    return row

"""Limits of the API servers and of OCM's webhooks, told with the computed length or size before anything is merged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from covey_core import names
from covey_core.checks.report import Report
from covey_core.manifests import canonical_json

if TYPE_CHECKING:
    from covey_core.documents import Document
    from covey_core.findings import Finding

_MAX_ANNOTATIONS_BYTES = 256 * 1024
_WORKLOADS = {"ManifestWork": "/spec/workload", "ManifestWorkReplicaSet": "/spec/manifestWorkTemplate/workload"}


def limit_findings(document: Document) -> tuple[Finding, ...]:
    """For one Kubernetes object that its schema has accepted; the API server takes null for a field not given."""
    report = Report(document)
    value = document.value
    kind, metadata = value.get("kind"), value.get("metadata") or {}
    _annotations(metadata.get("annotations") or {}, report)
    if kind in _WORKLOADS:
        _work(value, _WORKLOADS[kind], report)
    if kind == "ManifestWorkReplicaSet":
        _whole_name(metadata, names.MAX_LABEL_VALUE, "OCM keeps it in a label", report)
    if kind == "Policy" and value.get("apiVersion", "").startswith("policy.open-cluster-management.io/"):
        _whole_name(metadata, names.MAX_NAMESPACE_AND_NAME, "OCM's webhook refuses more", report)
    return report.findings


def _annotations(annotations: dict[str, Any], report: Report) -> None:
    size = sum(len(key.encode()) + len(str(text).encode()) for key, text in annotations.items())
    if size > _MAX_ANNOTATIONS_BYTES:
        report.add(
            "limit/annotations",
            f"The annotations have {size:,} bytes; the API server takes {_MAX_ANNOTATIONS_BYTES:,}.",
            "/metadata/annotations",
            hint="Shorten them.",
        )


def _work(value: dict[str, Any], at: str, report: Report) -> None:
    workload = value
    for part in at.split("/")[1:]:
        workload = workload.get(part) or {}
    manifests = workload.get("manifests") or []
    size = len(canonical_json(manifests))
    if size > names.MAX_WORK_BYTES:
        report.add(
            "limit/work-size",
            f"The manifests have {size:,} bytes; OCM's webhook takes {names.MAX_WORK_BYTES:,} in one ManifestWork.",
            f"{at}/manifests",
            hint="Split the work, or make what it carries smaller.",
        )
    seen: dict[tuple[str, ...], int] = {}
    for index, one in enumerate(manifests):
        identity = identity_of(one)
        if identity in seen:
            report.add(
                "limit/twice-in-work",
                f"{described(identity)} is in this work twice; OCM's webhook refuses that.",
                f"{at}/manifests/{index}",
                hint=f"Take out this one or number {seen[identity] + 1}.",
            )
        seen.setdefault(identity, index)


def _whole_name(metadata: dict[str, Any], most: int, why: str, report: Report) -> None:
    whole = f"{metadata.get('namespace', 'default')}.{metadata.get('name', '')}"
    if len(whole) > most:
        report.add(
            "name/too-long",
            f"{whole!r} has {len(whole)} characters; {why}: at most {most}.",
            "/metadata/name",
            hint="Shorten the name.",
        )


def identity_of(value: dict[str, Any]) -> tuple[str, str, str, str]:
    """Group, kind, namespace and name: what the API server knows an object by."""
    metadata = value.get("metadata") or {}
    group = str(value.get("apiVersion", "")).rpartition("/")[0]
    return group, str(value.get("kind", "")), str(metadata.get("namespace", "")), str(metadata.get("name", ""))


def described(identity: tuple[str, ...]) -> str:
    _, kind, namespace, name = identity
    return f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"

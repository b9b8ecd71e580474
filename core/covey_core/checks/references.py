"""Whether the objects of one tree fit together: none twice, and none that points at nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from covey_core.checks.limits import described, identity_of
from covey_core.checks.report import Report

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from covey_core.documents import Document
    from covey_core.findings import Finding

Identity = tuple[str, str, str, str]
_PLACEMENTS = "cluster.open-cluster-management.io"


def reference_findings(documents: Sequence[Document]) -> tuple[Finding, ...]:
    """For all objects of a rendered tree that fit their schemas; what they point at must be in the tree as well."""
    known: dict[Identity, Document] = {}
    findings: list[Finding] = []
    for document in documents:
        identity = identity_of(document.value)
        if identity in known:
            findings += _twice(document, identity, known[identity])
        known.setdefault(identity, document)
    for document in documents:
        findings += _dangling(document, known)
    return tuple(findings)


def _twice(document: Document, identity: Identity, first: Document) -> tuple[Finding, ...]:
    report = Report(document)
    report.add(
        "reference/twice",
        f"{described(identity)} is also in {first.source}; two applications would fight over it.",
        "/metadata/name",
        hint="Keep one of them.",
    )
    return report.findings


def _dangling(document: Document, known: dict[Identity, Document]) -> tuple[Finding, ...]:
    report = Report(document)
    for pointer, wanted in _pointed_at(document.value):
        if wanted not in known:
            report.add(
                "reference/dangling",
                f"There is no {described(wanted)} in the rendered tree.",
                pointer,
                hint="Render again; if that does not help, this file is not Covey's.",
            )
    return report.findings


def _pointed_at(value: dict[str, Any]) -> Iterator[tuple[str, Identity]]:
    namespace = str((value.get("metadata") or {}).get("namespace", ""))
    kind, spec = value.get("kind"), value.get("spec") or {}
    if kind == "ManifestWorkReplicaSet":
        for index, reference in enumerate(spec.get("placementRefs") or []):
            yield f"/spec/placementRefs/{index}/name", (_PLACEMENTS, "Placement", namespace, str(reference["name"]))
    elif kind == "PlacementBinding":
        reference = value.get("placementRef") or {}
        yield "/placementRef/name", (_PLACEMENTS, "Placement", namespace, str(reference.get("name")))
        for index, subject in enumerate(value.get("subjects") or []):
            wanted = (str(subject.get("apiGroup")), str(subject.get("kind")), namespace, str(subject.get("name")))
            yield f"/subjects/{index}/name", wanted
    elif kind == "Placement":
        for index, name in enumerate(spec.get("clusterSets") or []):
            yield f"/spec/clusterSets/{index}", (_PLACEMENTS, "ManagedClusterSetBinding", namespace, str(name))
    elif kind == "FederatedLearning" and spec.get("covey"):
        for side in sorted(spec["covey"].get("templates") or {}):
            if side == "aggregator":
                name = f"{value['metadata']['name']}-{side}"
                yield f"/spec/covey/templates/{side}", ("", "PodTemplate", namespace, name)

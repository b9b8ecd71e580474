"""What a data set must be beyond its schema."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from covey_core import names
from covey_core.checks.report import Report
from covey_core.findings import Severity
from covey_core.pointers import pointer
from covey_core.suggest import did_you_mean

if TYPE_CHECKING:
    from covey_core.documents import Document
    from covey_core.findings import Finding
    from covey_core.model.dataset import DataSet
    from covey_core.model.fleet import Fleet


def data_set_findings(data_set: DataSet, fleet: Fleet | None, document: Document) -> tuple[Finding, ...]:
    """`fleet` is None where covey.yaml itself can't be used: then only what needs no fleet is checked."""
    report = Report(document)
    _grants(data_set, report)
    _privacy(data_set, report)
    if fleet is not None:
        _namespaces(data_set, fleet, report)
    return report.findings


def _grants(data_set: DataSet, report: Report) -> None:
    counts = Counter(grant.cluster for grant in data_set.grants)
    for index, grant in enumerate(data_set.grants):
        if counts[grant.cluster] > 1:
            report.add(
                "data-set/cluster-twice",
                f"The cluster {grant.cluster!r} is granted {counts[grant.cluster]} times.",
                pointer("spec", "grants", index, "cluster"),
                hint="Name each cluster once.",
            )
        if data_set.residency and grant.region not in data_set.residency:
            where = f"stands in {grant.region!r}" if grant.region else "names no region"
            report.add(
                "data-set/residency",
                f"The cluster {grant.cluster!r} {where}, but the data may only be used in "
                f"{', '.join(data_set.residency)}.",
                pointer("spec", "grants", index),
                hint="Take the grant out, or correct its region.",
            )
    if len(counts) < data_set.min_collaborators:
        report.add(
            "data-set/too-few-grants",
            f"The data set asks for {data_set.min_collaborators} collaborators but grants {len(counts)}, "
            "so no job can use it.",
            "/spec/grants",
            hint="Grant more clusters, or lower `minCollaborators`.",
            severity=Severity.WARNING,
        )


def _privacy(data_set: DataSet, report: Report) -> None:
    budget = data_set.privacy
    if budget and budget.epsilon_per_run > budget.epsilon_total:
        report.add(
            "data-set/privacy-budget",
            f"One run may spend {budget.epsilon_per_run:g}, which is more than the {budget.epsilon_total:g} in all.",
            "/spec/privacy/epsilonPerRun",
            hint="Lower `epsilonPerRun`, or raise `epsilonTotal`.",
        )


def _namespaces(data_set: DataSet, fleet: Fleet, report: Report) -> None:
    known = [namespace.name for namespace in fleet.namespaces]
    for index, name in enumerate(data_set.namespaces):
        at = pointer("spec", "namespaces", index)
        if name not in known:
            report.add(
                "reference/namespace",
                f"The namespace {name!r} is not in covey.yaml{did_you_mean(name, known)}.",
                at,
                hint="Name a namespace of covey.yaml, or have the platform team add it.",
            )
        elif data_set.volume and len(whole := f"{name}.{names.data_work(data_set.name)}") > names.MAX_LABEL_VALUE:
            report.add(
                "name/too-long",
                f"The data's work {whole!r} has {len(whole)} characters; OCM keeps it in a label of at most "
                f"{names.MAX_LABEL_VALUE}.",
                at,
                hint="Shorten the data set's or the namespace's name.",
            )

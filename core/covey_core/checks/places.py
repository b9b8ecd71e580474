"""Every object stands in the file that its name says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covey_core import names
from covey_core.checks.report import Report

if TYPE_CHECKING:
    from covey_core.documents import Document
    from covey_core.findings import Finding
    from covey_core.model.dataset import DataSet
    from covey_core.model.job import FederatedJob


def job_place(job: FederatedJob, document: Document) -> tuple[Finding, ...]:
    report = Report(document)
    wanted = f"{names.job_folder(job.namespace, job.name)}/job.yaml"
    if document.source != wanted:
        _, namespace, folder, _ = ("", *document.source.split("/"))[-4:]
        wrong = "name" if folder != job.name else "namespace"
        stands = folder if wrong == "name" else namespace
        report.add(
            f"place/{wrong}",
            f"The job's {wrong} is {getattr(job, wrong)!r}, but its file stands in the folder {stands!r}.",
            f"/metadata/{wrong}",
            hint=f"Move the file to {wanted}, or change the {wrong}.",
        )
    return report.findings


def data_set_place(data_set: DataSet, document: Document) -> tuple[Finding, ...]:
    report = Report(document)
    wanted = f"datasets/{data_set.name}.yaml"
    if document.source != wanted:
        report.add(
            "place/name",
            f"The data set's name is {data_set.name!r}, but its file is {document.source}.",
            "/metadata/name",
            hint=f"Move the file to {wanted}, or change the name.",
        )
    return report.findings

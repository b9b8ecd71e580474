"""A job's app folder: there, and inside the repository."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from covey_core import names
from covey_core.checks.report import Report
from covey_core.findings import Severity

from .errors import UserError
from .files import safe_path

if TYPE_CHECKING:
    from pathlib import Path

    from covey_core.documents import Document
    from covey_core.findings import Finding
    from covey_core.model.job import FederatedJob


def app_findings(root: Path, job: FederatedJob, document: Document) -> tuple[Finding, ...]:
    report = Report(document)
    relative = posixpath.join(names.job_folder(job.namespace, job.name), job.app.path)
    try:
        folder = safe_path(root, relative)
    except UserError as error:
        report.add("path/outside", error.message, "/spec/app/path", hint="Name a folder inside the repository.")
        return report.findings
    if not folder.is_dir():
        report.add(
            "path/no-app",
            f"The app's folder {posixpath.normpath(relative)!r} is not there, so the job can't run locally.",
            "/spec/app/path",
            hint="Put the app's files there, or correct the path.",
            severity=Severity.WARNING,
        )
    return report.findings

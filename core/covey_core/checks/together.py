"""What no job can see alone: two jobs that want the same thing."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from covey_core.checks.report import Report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from covey_core.documents import Document
    from covey_core.findings import Finding
    from covey_core.model.job import FederatedJob


def jobs_together(jobs: Sequence[tuple[FederatedJob, Document]]) -> tuple[Finding, ...]:
    """Two jobs on one node port: the API server would refuse the second Service, long after the merge."""
    by_port: dict[int, list[tuple[FederatedJob, Document]]] = defaultdict(list)
    for job, document in jobs:
        if job.listener and job.listener.node_port:
            by_port[job.listener.node_port].append((job, document))
    return tuple(finding for port, sharers in by_port.items() if len(sharers) > 1 for finding in _shared(port, sharers))


def _shared(port: int, sharers: Sequence[tuple[FederatedJob, Document]]) -> list[Finding]:
    findings: list[Finding] = []
    for job, document in sharers:
        others = ", ".join(f"{one.namespace}/{one.name}" for one, _ in sharers if one is not job)
        report = Report(document)
        report.add(
            "job/node-port-taken",
            f"The node port {port} is also asked for by {others}.",
            "/spec/listener/nodePort",
            hint="Choose another one, or leave it out and let the API server choose.",
        )
        findings += report.findings
    return findings

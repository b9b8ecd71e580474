"""The fleet repo on disk, read into models. Whatever is wrong becomes a finding; nothing stops at the first problem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from covey_core.checks.dataset import data_set_findings
from covey_core.checks.fleet import fleet_findings
from covey_core.checks.job import job_findings
from covey_core.checks.places import data_set_place, job_place
from covey_core.checks.report import Report
from covey_core.checks.together import jobs_together
from covey_core.findings import Finding, has_errors, in_order
from covey_core.model.parse import parse_data_set, parse_fleet, parse_job
from covey_core.validation import Validator
from covey_runtimes.registry import BadRuntimeError, find, names
from covey_schemas.catalog import bundled, kind_schema

from .apps import app_findings
from .sources import FLEET_FILE, data_set_files, job_files, read_spec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from covey_core.documents import Document
    from covey_core.model.dataset import DataSet
    from covey_core.model.fleet import Fleet
    from covey_core.model.job import FederatedJob
    from covey_core.model.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Repo:
    """What people wrote, as far as it can be used, and all that is wrong with it.

    `jobs` and `data_sets` hold what passed its schema, `sound` the jobs without any error, each with its runtime;
    `checked` counts the files read.
    """

    root: Path
    fleet: Fleet | None
    data_sets: Mapping[str, DataSet]
    jobs: tuple[FederatedJob, ...]
    sound: tuple[tuple[FederatedJob, Runtime], ...]
    findings: tuple[Finding, ...]
    checked: int


def load(root: Path) -> Repo:
    """Reads covey.yaml, datasets/*.yaml and jobs/*/*/job.yaml below `root`."""
    validator = Validator(bundled())
    findings: list[Finding] = []

    def documents(sources: list[str], kind: str) -> list[Document]:
        found = []
        for source in sources:
            document, problems = read_spec(root, source, kind, validator)
            findings.extend(problems)
            if document is not None:
                found.append(document)
        return found

    fleet = _fleet(documents([FLEET_FILE], "Fleet"), findings)
    data_sets = _data_sets(documents(data_set_files(root), "DataSet"), fleet, findings)
    sources = job_files(root)
    jobs = _jobs(documents(sources, "FederatedJob"))
    sound = _sound(root, jobs, fleet, data_sets, findings)
    findings.extend(jobs_together(jobs))
    return Repo(
        root=root,
        fleet=fleet,
        data_sets=data_sets,
        jobs=tuple(job for job, _ in jobs),
        sound=sound,
        findings=in_order(findings),
        checked=1 + len(data_set_files(root)) + len(sources),
    )


def load_alone(path: Path) -> tuple[FederatedJob | None, Runtime | None, tuple[Finding, ...]]:
    """A job's file by itself: whoever runs it on one machine needs no fleet, and nobody's grant."""
    document, problems = read_spec(path.parent, path.name, "FederatedJob", Validator(bundled()))
    if document is None:
        return None, None, problems
    job = parse_job(document.value, kind_schema("FederatedJob"))
    runtime, more = _runtime(job, document)
    if runtime is None and not more:
        report = Report(document)
        known = ", ".join(names())
        report.add(
            "reference/runtime",
            f"The runtime {job.runtime!r} is not installed.",
            "/spec/runtime",
            hint=f"Installed: {known}.",
        )
        more = report.findings
    return job, runtime, in_order((*problems, *more))


def _fleet(documents: list[Document], findings: list[Finding]) -> Fleet | None:
    for document in documents:
        fleet = parse_fleet(document.value, kind_schema("Fleet"))
        findings.extend(fleet_findings(fleet, document))
        return fleet
    return None


def _data_sets(documents: list[Document], fleet: Fleet | None, findings: list[Finding]) -> dict[str, DataSet]:
    schema, data_sets = kind_schema("DataSet"), {}
    for document in documents:
        data_set = parse_data_set(document.value, schema)
        findings.extend((*data_set_place(data_set, document), *data_set_findings(data_set, fleet, document)))
        data_sets[data_set.name] = data_set
    return data_sets


def _jobs(documents: list[Document]) -> list[tuple[FederatedJob, Document]]:
    schema = kind_schema("FederatedJob")
    return [(parse_job(document.value, schema), document) for document in documents]


def _sound(
    root: Path,
    jobs: list[tuple[FederatedJob, Document]],
    fleet: Fleet | None,
    data_sets: Mapping[str, DataSet],
    findings: list[Finding],
) -> tuple[tuple[FederatedJob, Runtime], ...]:
    sound: list[tuple[FederatedJob, Runtime]] = []
    for job, document in jobs:
        runtime, problems = _runtime(job, document)
        problems += (*job_place(job, document), *app_findings(root, job, document))
        if fleet is not None:
            problems += job_findings(
                job,
                document,
                fleet=fleet,
                data_sets=data_sets,
                runtime=runtime,
                runtimes=names() if runtime is None else (),
            )
        findings.extend(problems)
        if runtime is not None and not has_errors(problems):
            sound.append((job, runtime))
    return tuple(sound)


def _runtime(job: FederatedJob, document: Document) -> tuple[Runtime | None, tuple[Any, ...]]:
    try:
        return find(job.runtime), ()
    except BadRuntimeError as error:
        report = Report(document)
        report.add("reference/runtime", str(error), "/spec/runtime", hint="Reinstall or remove that package.")
        return None, report.findings

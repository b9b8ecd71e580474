"""Whether a spec that is about to be written fits the fleet repo that it is for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from covey_core.checks.dataset import data_set_findings
from covey_core.checks.job import job_findings
from covey_core.findings import has_errors
from covey_core.model.parse import parse_data_set, parse_fleet, parse_job
from covey_core.reading import read
from covey_core.validation import Validator
from covey_runtimes.registry import find, names
from covey_schemas.catalog import bundled, kind_schema

from .errors import UserError
from .sources import FLEET_FILE, data_set_files, read_spec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from covey_core.documents import Document
    from covey_core.findings import Finding
    from covey_core.model.dataset import DataSet
    from covey_core.model.fleet import Fleet

    from .staging import Change


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The fleet and the data sets that a new spec may refer to; data sets with errors are not among them."""

    fleet: Fleet
    data_sets: Mapping[str, DataSet]
    validator: Validator


def surroundings(root: Path) -> Surroundings:
    """Reads covey.yaml and the data sets, but no jobs: there may be thousands."""
    validator = Validator(bundled())
    document, _ = read_spec(root, FLEET_FILE, "Fleet", validator)
    if document is None:
        raise UserError(f"{FLEET_FILE} has errors.", hint="`covey validate` shows them; put them right first.")
    schema = kind_schema("DataSet")
    found = (read_spec(root, source, "DataSet", validator)[0] for source in data_set_files(root))
    data_sets = [parse_data_set(one.value, schema) for one in found if one is not None]
    fleet = parse_fleet(document.value, kind_schema("Fleet"))
    return Surroundings(fleet, {one.name: one for one in data_sets}, validator)


def check(change: Change, kind: str, around: Surroundings) -> tuple[Finding, ...]:
    """What `covey validate` will say about the spec, once it is written."""
    reading = read(change.path, change.data, strict=True)
    findings = reading.findings
    for document in reading.documents:
        findings += around.validator.check_spec(document, kind)
        if not has_errors(findings):
            findings += _job(document, around) if kind == "FederatedJob" else _data_set(document, around)
    return findings


def _job(document: Document, around: Surroundings) -> tuple[Finding, ...]:
    job = parse_job(document.value, kind_schema("FederatedJob"))
    return job_findings(
        job,
        document,
        fleet=around.fleet,
        data_sets=around.data_sets,
        runtime=find(job.runtime),
        runtimes=names(),
    )


def _data_set(document: Document, around: Surroundings) -> tuple[Finding, ...]:
    data_set = parse_data_set(document.value, kind_schema("DataSet"))
    return data_set_findings(data_set, around.fleet, document)

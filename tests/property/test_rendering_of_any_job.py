"""Whatever a job asks for, what is rendered is accepted, and the same every time."""

from __future__ import annotations

import copy

import ryaml
import yaml
from hypothesis import HealthCheck, given, settings

from covey_core.checks.limits import limit_findings
from covey_core.checks.references import reference_findings
from covey_core.documents import Document
from covey_core.manifests import to_yaml
from covey_core.model.parse import parse_data_set, parse_fleet, parse_job
from covey_core.reading import read
from covey_core.render import read_stamp, render_fleet, render_job
from covey_core.validation import Validator
from covey_runtimes.flower import RUNTIME
from covey_schemas.catalog import bundled, kind_schema
from property.strategies import fleets

VALIDATOR = Validator(bundled())


def rendered(fleet_value, data_set_value, job_value):
    fleet = parse_fleet(copy.deepcopy(fleet_value), kind_schema("Fleet"))
    data_set = parse_data_set(copy.deepcopy(data_set_value), kind_schema("DataSet"))
    job = parse_job(copy.deepcopy(job_value), kind_schema("FederatedJob"))
    return (
        *render_fleet(fleet, [data_set], version="1"),
        *render_job(job, fleet=fleet, data_set=data_set, runtime=RUNTIME, version="1"),
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(fleets())
def test_all_that_is_rendered_is_accepted(values):
    for kind, value in zip(("Fleet", "DataSet", "FederatedJob"), values, strict=True):
        reading = read("spec.yaml", to_yaml(value).encode(), strict=True)
        assert reading.findings == ()
        assert VALIDATOR.check_spec(reading.documents[0], kind) == ()
    files = rendered(*values)

    documents = [Document(file.path, 0, file.value, file.text) for file in files]
    assert [finding for document in documents for finding in VALIDATOR.check(document)] == []
    assert [finding for document in documents for finding in limit_findings(document)] == []
    assert reference_findings(documents) == ()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(fleets())
def test_the_same_specs_give_the_same_bytes_and_every_reader_agrees(values):
    files = rendered(*values)

    assert files == rendered(*values)
    for file in files:
        assert read_stamp(file.text).intact
        assert yaml.safe_load(file.text) == ryaml.loads(file.text) == file.value

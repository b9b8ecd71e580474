"""Whatever a job asks for, what is rendered is accepted, and the same every time."""

from __future__ import annotations

import ryaml
import yaml
from hypothesis import HealthCheck, given, settings

from covey_core.checks.limits import limit_findings
from covey_core.checks.references import reference_findings
from covey_core.documents import Document
from covey_core.manifests import to_yaml
from covey_core.reading import read
from covey_core.render import read_stamp
from covey_core.validation import Validator
from covey_schemas.catalog import bundled
from property.rendered import rendered
from property.strategies import fleets

VALIDATOR = Validator(bundled())


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
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


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(fleets())
def test_the_same_specs_give_the_same_bytes_and_every_reader_agrees(values):
    files = rendered(*values)

    assert files == rendered(*values)
    for file in files:
        assert read_stamp(file.text).intact
        assert yaml.safe_load(file.text) == ryaml.loads(file.text) == file.value

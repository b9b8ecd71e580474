"""Every file in tests/cases/validation is a case: good ones have no findings, bad ones those of their .txt file."""

from __future__ import annotations

from pathlib import Path

import pytest

from covey_core.findings import in_order
from covey_core.reading import read
from covey_core.validation import Validator
from covey_schemas.catalog import bundled, from_crds, layered

CASES = Path(__file__).parents[3] / "cases" / "validation"
GOOD = sorted((CASES / "good").glob("*.yaml"))
BAD = sorted((CASES / "bad").glob("*.yaml"))


@pytest.fixture(scope="module")
def validator():
    crds = [document.value for path in (CASES / "crds").glob("*.yaml") for document in documents(path)]
    return Validator(layered(from_crds(crds, "cases"), bundled()), allowed_missing=frozenset({"Allowed"}))


def documents(path):
    reading = read(path.name, path.read_bytes(), strict=False)
    assert not [finding for finding in reading.findings if finding.severity == "error"]
    return reading.documents


def told(validator, path):
    findings = in_order(finding for document in documents(path) for finding in validator.check(document))
    return "".join(
        f"{one.position.line}:{one.position.column} {one.severity} {one.rule} {one.pointer}\n    {one.message}\n"
        + (f"    hint: {one.hint}\n" if one.hint else "")
        for one in findings
    )


def test_there_are_cases():
    assert len(GOOD) > 1
    assert len(BAD) > 10


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_what_the_api_server_takes_has_no_findings(validator, path):
    assert told(validator, path) == ""


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_what_is_wrong_is_told_at_its_place(validator, path, request):
    golden = path.with_suffix(".txt")
    found = told(validator, path)
    if request.config.getoption("--update-goldens"):
        golden.write_text(found, encoding="utf-8")

    assert found
    assert found == golden.read_text(encoding="utf-8")

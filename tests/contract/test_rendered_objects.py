"""Every rendered object is accepted by the bundled schemas and by the projects' own CRDs."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from covey_core.findings import Severity
from covey_core.reading import read
from covey_core.validation import Validator
from covey_schemas.catalog import bundled, crds, from_crds, layered

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared/crds"
CASES = [ROOT / "examples/fleet", *sorted((ROOT / "tests/cases/render").iterdir())]
FILES = [file for case in CASES for file in sorted((case / "rendered").rglob("*.yaml"))]


def documents():
    for file in FILES:
        reading = read(file.relative_to(ROOT).as_posix(), file.read_bytes(), strict=False)
        assert reading.findings == ()
        yield from reading.documents


def projects_crds():
    files = [file for folder in ("ocm-hub", "ocm-spoke", "policy") for file in (SHARED / folder).glob("*.yaml")]
    return from_crds((yaml.safe_load(file.read_text()) for file in files), "shared")


def test_all_is_accepted_by_the_bundled_schemas():
    validator = Validator(bundled())

    assert [finding for document in documents() for finding in validator.check(document)] == []


def test_all_is_accepted_by_our_crds_as_a_cluster_would_read_them():
    validator = Validator(layered(from_crds(crds(), "ours"), bundled()))

    assert [finding for document in documents() for finding in validator.check(document)] == []


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/crds is not here")
def test_all_is_accepted_by_the_projects_own_crds():
    catalog = projects_crds()
    validator = Validator(layered(catalog, bundled()))
    checked = {document.value["kind"] for document in documents()} & {kind.kind for kind in catalog.kinds()}

    assert {"Placement", "ManifestWorkReplicaSet", "ManagedClusterSetBinding", "Policy"} <= checked
    assert [finding for document in documents() for finding in validator.check(document)] == []


def test_a_broken_rendered_object_would_be_found():
    text = (ROOT / "examples/fleet/rendered/vision/digits/manifestworkreplicaset-digits.yaml").read_text()
    broken = text.replace("readOnlyRootFilesystem", "readOnlyRootFileSystem", 1)
    (document,) = read("x.yaml", broken.encode(), strict=False).documents

    (found,) = Validator(bundled()).check(document)

    assert found.severity is Severity.ERROR
    assert "readOnlyRootFileSystem" in found.message
    assert found.pointer.startswith("/spec/manifestWorkTemplate/workload/manifests/0/template/spec/containers/0")
    assert broken.splitlines()[found.position.line - 1].strip().startswith("readOnlyRootFileSystem")

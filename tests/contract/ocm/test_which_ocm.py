"""Which OCM the tests run, and the CRDs that both have; no plane is needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from controlplane.ocm import choice, crds


def test_without_a_folder_it_is_the_stand_in(monkeypatch):
    monkeypatch.delenv(choice.ASSETS, raising=False)
    assert choice.describe() == "OCM: stand-in"


def test_a_folder_with_ocms_programs_is_used(monkeypatch, tmp_path):
    for name in ("registration", "placement", "work", "addon"):
        (tmp_path / name).touch()
    monkeypatch.setenv(choice.ASSETS, str(tmp_path))
    assert choice.describe() == f"OCM: real, from {tmp_path}"


def test_a_folder_that_lacks_programs_is_refused_with_their_names(monkeypatch, tmp_path):
    (tmp_path / "work").touch()
    (tmp_path / "placement").touch()
    monkeypatch.setenv(choice.ASSETS, str(tmp_path))
    with pytest.raises(FileNotFoundError, match="has no registration and no addon; COVEY_OCM_ASSETS needs them all"):
        choice.choose()


@pytest.mark.parametrize("side", [crds.of_hub, crds.of_spoke], ids=["hub", "spoke"])
def test_the_crds_made_from_our_schemas_are_those_of_ocm(monkeypatch, crds_folder, side):
    """Their names, scopes, stored versions and subresources; the schemas have a test of their own."""
    theirs = {one["metadata"]["name"]: _outline(one) for one in side()}
    assert crds_folder == crds.SHARED
    monkeypatch.setattr(crds, "SHARED", Path("nowhere"))
    assert {one["metadata"]["name"]: _outline(one) for one in side()} == theirs


def _outline(crd):
    spec = crd["spec"]
    versions = {
        (one["name"], one["served"], one["storage"], "status" in one.get("subresources", {}))
        for one in spec["versions"]
    }
    return spec["scope"], spec["names"]["kind"], spec["names"]["plural"], versions

"""Says at the start of a run which data from elsewhere is at hand; the tests that need it skip with that reason."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"


def pytest_report_collectionfinish():
    """Comes right under the header: a header of this folder is not asked for when all of tests/ is run."""
    if SHARED.is_dir():
        return "contract: CRDs and recordings of other projects found in ../shared"
    return "contract: ../shared is not there, so nothing is compared with other projects' CRDs and recordings"


@pytest.fixture(scope="session")
def crds_folder():
    return _folder("crds")


@pytest.fixture(scope="session")
def recordings_folder():
    return _folder("recordings")


def _folder(name):
    if not (SHARED / name).is_dir():
        pytest.skip(f"../shared/{name} is not there")
    return SHARED / name

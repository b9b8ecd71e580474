"""Data of other projects, where it is at hand; the tests that need it skip with that reason."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"


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

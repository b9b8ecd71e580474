"""Options and paths that all tests share."""

from __future__ import annotations

from pathlib import Path

from hypothesis import settings

# A busy machine is no fault of the code; all else is as hypothesis has it, here or in CI.
settings.register_profile("covey", settings.default, deadline=None)
settings.load_profile("covey")

pytest_plugins = ["controlplane.fixtures"]

SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_addoption(parser):
    parser.addoption("--update-goldens", action="store_true", help="write the expected files anew")


def pytest_report_header():
    if SHARED.is_dir():
        return "contract: CRDs and recordings of other projects found in ../shared"
    return "contract: ../shared is not there, so nothing is compared with other projects' CRDs and recordings"

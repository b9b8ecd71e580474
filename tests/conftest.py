"""Options and paths that all tests share."""

from __future__ import annotations

from pathlib import Path

pytest_plugins = ["controlplane.fixtures"]

SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_addoption(parser):
    parser.addoption("--update-goldens", action="store_true", help="write the expected files anew")


def pytest_report_header():
    if SHARED.is_dir():
        return "contract: CRDs and recordings of other projects found in ../shared"
    return "contract: ../shared is not there, so nothing is compared with other projects' CRDs and recordings"

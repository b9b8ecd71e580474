"""Options and paths that all tests share."""

from __future__ import annotations


def pytest_addoption(parser):
    parser.addoption("--update-goldens", action="store_true", help="write the expected files anew")

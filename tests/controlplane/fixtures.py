"""Planes as fixtures. A worker of pytest has its own; logs of a plane stay where one of its tests has failed."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from controlplane import binaries
from controlplane.plane import Plane
from controlplane.sweep import Baseline

if TYPE_CHECKING:
    from collections.abc import Iterator

_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):  # noqa: ARG001 - pytest's name
    report = yield
    if report.failed:
        item.session.stash[_FAILED] = True
    return report


@pytest.fixture(scope="session")
def _whole_plane(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[tuple[Plane, list[Baseline]]]:
    missing = [name for name in ("kube-apiserver", "kube-controller-manager") if binaries.find(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} is not built: run `make binaries`")
    folder = tmp_path_factory.mktemp("plane")
    made = Plane(folder)
    baselines: list[Baseline] = []
    try:
        made.start()
        baselines += [Baseline(cluster) for cluster in made.clusters.values()]
        yield made, baselines
    finally:
        for one in baselines:
            one.close()
        made.close()
        if not request.session.stash.get(_FAILED, False):
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def plane(_whole_plane: tuple[Plane, list[Baseline]]) -> Iterator[Plane]:
    """A hub and two spokes, as empty as they were when they came up."""
    made, baselines = _whole_plane
    yield made
    for one in baselines:
        one.restore()

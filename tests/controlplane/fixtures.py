"""Planes as fixtures. A worker of pytest has its own; logs of a plane stay where one of its tests has failed."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from lightkube.resources.certificates_v1 import CertificateSigningRequest

from controlplane import binaries
from controlplane.ocm import choice
from controlplane.ocm.joined import wait_available, wait_settled
from controlplane.plane import Plane
from controlplane.sweep import Baseline, restore_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from controlplane.ocm.choice import Ocm

_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):  # noqa: ARG001 - pytest's name
    report = yield
    if report.failed:
        item.session.stash[_FAILED] = True
    return report


def pytest_report_header() -> str:
    try:
        return choice.describe()
    except FileNotFoundError as error:
        raise pytest.UsageError(str(error)) from error


@pytest.fixture(scope="session")
def _new_plane(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Callable[[], Plane]]:
    """Makes planes that run until the session ends."""
    missing = [name for name in ("kube-apiserver", "kube-controller-manager") if binaries.find(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} is not built: run `make binaries`")
    made: list[Plane] = []

    def make() -> Plane:
        made.append(Plane(tmp_path_factory.mktemp("plane")))
        return made[-1].start()

    yield make
    for one in made:
        one.close()
        if not request.session.stash.get(_FAILED, False):
            shutil.rmtree(one.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def _whole_plane(_new_plane: Callable[[], Plane]) -> Iterator[tuple[Plane, list[Baseline]]]:
    made = _new_plane()
    baselines = [Baseline(cluster) for cluster in made.clusters.values()]
    yield made, baselines
    for one in baselines:
        one.close()


@pytest.fixture(scope="session")
def _whole_ocm_plane(_new_plane: Callable[[], Plane]) -> Iterator[tuple[Plane, Ocm, list[Baseline]]]:
    made, ocm = _new_plane(), choice.choose()
    ocm.start_hub(made)
    for name in made.spokes:
        ocm.join(made, name)
    wait_settled(made)
    baselines = [Baseline(cluster) for cluster in made.clusters.values()]
    yield made, ocm, baselines
    for one in baselines:
        one.close()


@pytest.fixture
def plane(_whole_plane: tuple[Plane, list[Baseline]]) -> Iterator[Plane]:
    """A hub and two spokes, as empty as they were when they came up."""
    made, baselines = _whole_plane
    yield made
    restore_all(baselines)


@pytest.fixture(scope="module")
def module_plane(_whole_plane: tuple[Plane, list[Baseline]]) -> Iterator[Plane]:
    """The same for all tests of a module, which clean up among themselves."""
    made, baselines = _whole_plane
    yield made
    restore_all(baselines)


@pytest.fixture
def ocm_plane(_whole_ocm_plane: tuple[Plane, Ocm, list[Baseline]]) -> Iterator[Plane]:
    """A hub with OCM and two spokes that have joined it, as they were right after that."""
    made, ocm, baselines = _whole_ocm_plane
    yield made
    for name in set(made.spokes) - set(ocm.agents):
        ocm.join(made, name)
    restore_all(baselines)
    made.hub.client.deletecollection(CertificateSigningRequest)  # OCM stops asking at ten
    for name in made.spokes:
        wait_available(made, name)


@pytest.fixture
def ocm(_whole_ocm_plane: tuple[Plane, Ocm, list[Baseline]]) -> Ocm:
    """The OCM of `ocm_plane`; agents that a test stops are started again after it."""
    return _whole_ocm_plane[1]

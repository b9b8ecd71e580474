"""Planes as fixtures. A worker of pytest has its own; logs of a plane stay where one of its tests has failed."""

from __future__ import annotations

import shutil
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from lightkube.resources.certificates_v1 import CertificateSigningRequest

from acceptance import Hub, all_crds
from controlplane import binaries
from controlplane.ocm import choice
from controlplane.ocm.joined import wait_available, wait_settled
from controlplane.plane import Plane
from controlplane.sweep import Baseline, restore_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from controlplane.ocm.choice import Ocm

_FAILED = pytest.StashKey[bool]()
_PLANES = pytest.StashKey["Planes"]()


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


class Planes:
    """At most one of each kind; a plane is closed when no test that comes next needs it: an idle one takes CPU, too."""

    def __init__(self, folders: pytest.TempPathFactory) -> None:
        self._folders = folders
        self._plain: Kept | None = None
        self._with_ocm: Kept | None = None

    def plain(self) -> Kept:
        kept = self._any_plain()
        assert not kept.has_kinds, "tests on a plain plane come first"
        return kept

    def with_kinds(self) -> Kept:
        """The plain one, whose hub has the kinds of all projects from then on."""
        kept = self._any_plain()
        kept.add_kinds()
        return kept

    def _any_plain(self) -> Kept:
        self._plain = self._plain or Kept(self._start())
        return self._plain

    def with_ocm(self) -> Kept:
        if self._with_ocm is None:
            made, ocm = self._start(), choice.choose()
            ocm.start_hub(made)
            for name in made.spokes:
                ocm.join(made, name)
            wait_settled(made)
            self._with_ocm = Kept(made, ocm)
        return self._with_ocm

    def close(self, *, plain: bool = True, with_ocm: bool = True, logs: bool) -> None:
        """`logs` stay then."""
        if self._plain and plain:
            self._plain.close(logs=logs)
            self._plain = None
        if self._with_ocm and with_ocm:
            self._with_ocm.close(logs=logs)
            self._with_ocm = None

    def _start(self) -> Plane:
        made = Plane(self._folders.mktemp("plane"))
        try:
            return made.start()
        except BaseException:
            made.close()
            raise


class Kept:
    """A plane that is up, and how it was then."""

    def __init__(self, plane: Plane, ocm: Ocm | None = None) -> None:
        self.plane = plane
        self.ocm = ocm
        self._baselines = [Baseline(cluster) for cluster in plane.clusters.values()]
        self._with_kinds: Baseline | None = None

    @property
    def has_kinds(self) -> bool:
        return self._with_kinds is not None

    def add_kinds(self) -> None:
        """It takes seconds of a processor until an API server has made room for them."""
        if not self.has_kinds:
            with closing(Hub(self.plane.hub)) as hub:
                hub.install(all_crds())
            self._with_kinds = Baseline(self.plane.hub)

    def restore(self) -> None:
        hub, *spokes = self._baselines
        restore_all([self._with_kinds or hub, *spokes])

    def close(self, *, logs: bool) -> None:
        for one in (*self._baselines, self._with_kinds):
            if one:
                one.close()
        self.plane.close()
        if not logs:
            shutil.rmtree(self.plane.folder, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None):
    result = yield
    planes = item.session.stash.get(_PLANES, None)
    if planes and (nextitem is None or nextitem.path != item.path):  # fixtures of a module may hold one till its end
        logs = item.session.stash.get(_FAILED, False)
        if nextitem is None or not nextitem.get_closest_marker("planes"):
            planes.close(logs=logs)
        else:
            wanted = set(nextitem.fixturenames)
            planes.close(plain="ocm_plane" in wanted, with_ocm="ocm_plane" not in wanted, logs=logs)
    return result


@pytest.fixture(scope="session")
def _planes(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Planes]:
    missing = [name for name in ("kube-apiserver", "kube-controller-manager") if binaries.find(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} is not built: run `make binaries`")
    made = request.session.stash[_PLANES] = Planes(tmp_path_factory)
    yield made
    made.close(logs=request.session.stash.get(_FAILED, False))


def _swept(kept: Kept) -> Iterator[Plane]:
    yield kept.plane
    kept.restore()


@pytest.fixture
def plane(_planes: Planes) -> Iterator[Plane]:
    """A hub and two spokes, as empty as they were when they came up."""
    yield from _swept(_planes.plain())


@pytest.fixture(scope="module")
def module_plane(_planes: Planes) -> Iterator[Plane]:
    """The same for all tests of a module, which clean up among themselves."""
    yield from _swept(_planes.plain())


@pytest.fixture
def kinds_plane(_planes: Planes) -> Iterator[Plane]:
    """A plane whose hub has the kinds of Covey and of all projects whose objects Covey renders, but no objects."""
    yield from _swept(_planes.with_kinds())


@pytest.fixture(scope="module")
def module_kinds_plane(_planes: Planes) -> Iterator[Plane]:
    """The same for all tests of a module."""
    yield from _swept(_planes.with_kinds())


@pytest.fixture
def ocm_plane(_planes: Planes) -> Iterator[Plane]:
    """A hub with OCM and two spokes that have joined it, as they were right after that."""
    kept = _planes.with_ocm()
    made = kept.plane
    yield made
    for name in set(made.spokes) - set(kept.ocm.agents):
        kept.ocm.join(made, name)
    kept.restore()
    made.hub.client.deletecollection(CertificateSigningRequest)  # OCM stops asking at ten
    for name in made.spokes:
        wait_available(made, name)


@pytest.fixture
def ocm(_planes: Planes, ocm_plane: Plane) -> Ocm:  # noqa: ARG001 - the one of that plane
    """The OCM of `ocm_plane`; agents that a test stops are started again after it."""
    return _planes.with_ocm().ocm

"""Argo CD beside the hub of a plane, and the hub as it was then after each test."""

from __future__ import annotations

from contextlib import closing

import pytest

from controlplane import argocd
from controlplane.rest import Rest
from controlplane.sweep import Baseline


@pytest.fixture(scope="module")
def _running(module_kinds_plane, tmp_path_factory):
    if reason := argocd.missing():
        pytest.skip(reason)
    with closing(Rest(module_kinds_plane.hub)) as rest:
        running = argocd.ArgoCd(module_kinds_plane, rest, tmp_path_factory.mktemp("argocd"))
        try:
            running.start()
            yield running
        finally:
            running.stop()


@pytest.fixture(scope="module")
def _baseline(_running):
    with closing(Baseline(_running.plane.hub)) as made:
        yield made


@pytest.fixture
def argo(_running, _baseline):
    yield _running
    _baseline.restore()

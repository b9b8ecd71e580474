"""Argo CD beside the hub of a plane, for one test."""

from __future__ import annotations

from contextlib import closing

import pytest

from controlplane import argocd
from controlplane.rest import Rest


@pytest.fixture
def argo(plane, tmp_path):
    if reason := argocd.missing():
        pytest.skip(reason)
    with closing(Rest(plane.hub)) as rest:
        running = argocd.ArgoCd(plane, rest, tmp_path / "argocd")
        try:
            running.start()
            yield running
        finally:
            running.stop()

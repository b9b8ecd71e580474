"""The APIs of a plane with OCM, closed after each test."""

from __future__ import annotations

from contextlib import ExitStack, closing

import pytest

from controlplane.ocm.api import Api
from ocm_sets import Sets
from ocm_works import Works


@pytest.fixture
def apis(ocm_plane):  # noqa: ARG001 - the plane is swept when all APIs are closed
    """From a kubeconfig to its API."""
    with ExitStack() as stack:
        yield lambda kubeconfig: stack.enter_context(closing(Api(kubeconfig, manager="covey-tests")))


@pytest.fixture
def hub(apis, ocm_plane):
    """As the hub's admin."""
    return apis(ocm_plane.hub.admin)


@pytest.fixture
def spoke(apis, ocm_plane):
    """As the admin of cluster1."""
    return apis(ocm_plane.clusters["cluster1"].admin)


@pytest.fixture
def own(apis, ocm_plane):
    """From a cluster's name to its spoke's own identity on the hub."""
    return lambda name: apis(ocm_plane.clusters[name].folder / "hub-kubeconfig" / "kubeconfig")


@pytest.fixture
def works(hub, spoke):
    """Those of cluster1."""
    return Works(hub, spoke)


@pytest.fixture
def sets(hub):
    """Gone before the namespace is: OCM can't finish a set that has none."""
    made = Sets(hub)
    yield made
    made.clear()

"""One node for each module; what is on it is swept away after each test."""

from __future__ import annotations

import pytest

from controlplane.node import network
from controlplane.node.start import start_node
from controlplane.node.trials import IMAGES, Trial


@pytest.fixture(autouse=True, scope="session")
def _possible():
    if why := network.refused():
        pytest.skip(f"this machine can't run Pods for tests: {why}")


@pytest.fixture(scope="module")
def _node(_whole_plane):
    made, _ = _whole_plane
    node = start_node(made, "cluster1", images=IMAGES, backoff=1.0, sync=0.2)
    yield node
    node.stop()


@pytest.fixture
def trial(_node, plane):  # noqa: ARG001 - sweeps after each test
    return Trial(_node)


@pytest.fixture(scope="module")
def _hub_node(_whole_plane):
    made, _ = _whole_plane
    node = start_node(made, "hub", images=IMAGES, backoff=1.0, sync=0.2)
    yield node
    node.stop()


@pytest.fixture
def hub_trial(_hub_node, plane):  # noqa: ARG001 - sweeps after each test
    return Trial(_hub_node)

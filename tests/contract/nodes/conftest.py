"""One node for each module. What a test makes in `default` goes after it; the plane is swept after each module."""

from __future__ import annotations

import time

import pytest
from lightkube.core.exceptions import ApiError
from lightkube.resources.apps_v1 import Deployment, ReplicaSet
from lightkube.resources.batch_v1 import Job
from lightkube.resources.core_v1 import ConfigMap, PersistentVolumeClaim, Pod, Secret, Service

from controlplane.node import network
from controlplane.node.start import start_node
from controlplane.node.trials import IMAGES, Trial

KINDS = (Deployment, ReplicaSet, Job, Service, Pod, PersistentVolumeClaim, ConfigMap, Secret)
KEPT = {"kubernetes", "kube-root-ca.crt"}


@pytest.fixture(autouse=True, scope="session")
def _possible():
    if why := network.refused():
        pytest.skip(f"this machine can't run Pods for tests: {why}")


@pytest.fixture(scope="module")
def _node(module_plane):
    node = start_node(module_plane, "cluster1", images=IMAGES, backoff=1.0, sync=0.2)
    yield node
    node.stop()


@pytest.fixture(scope="module")
def _hub_node(module_plane):
    node = start_node(module_plane, "hub", images=IMAGES, backoff=1.0, sync=0.2)
    yield node
    node.stop()


@pytest.fixture
def trial(_node):
    yield Trial(_node)
    _clean(_node.cluster.client)


@pytest.fixture
def hub_trial(_hub_node):
    yield Trial(_hub_node)
    _clean(_hub_node.cluster.client)


def _clean(client):
    end = time.monotonic() + 30
    while left := [one for kind in KINDS for one in client.list(kind) if one.metadata.name not in KEPT]:
        assert time.monotonic() < end, f"these stay: {[one.metadata.name for one in left]}"
        for one in left:
            _delete(client, one)
        time.sleep(0.05)


def _delete(client, one):
    try:
        client.delete(type(one), one.metadata.name, namespace=one.metadata.namespace, grace_period=0)
    except ApiError as error:
        if error.status.code != 404:
            raise

"""A small fleet, data set and job as models, for tests that change one thing."""

from __future__ import annotations

from covey_core.model.parse import parse_data_set, parse_fleet, parse_job
from covey_runtimes.flower import RUNTIME as FLOWER
from covey_schemas.catalog import kind_schema

IMAGE = "quay.io/acme/digits@sha256:" + "4f53cda1" * 8
RUNTIME = FLOWER

FLEET_VALUE = {
    "apiVersion": "covey.dev/v1alpha1",
    "kind": "Fleet",
    "metadata": {"name": "acme"},
    "spec": {
        "trustDomain": "fleet.acme.example",
        "hub": {"apiServer": {"cidrs": ["10.0.0.1/32"]}, "repository": "https://git.example/fleet.git"},
        "namespaces": [{"name": "vision", "team": "@acme/vision", "clusterSets": ["hospitals"]}],
        "listener": {"type": "NodePort"},
        "images": {"proxy": "quay.io/covey/proxy@sha256:" + "9f86d081" * 8},
        "egress": [{"cidr": "198.51.100.0/24", "ports": ["30000-32767"]}],
    },
}
DATA_SET_VALUE = {
    "apiVersion": "covey.dev/v1alpha1",
    "kind": "DataSet",
    "metadata": {"name": "digits"},
    "spec": {
        "owner": "@acme/radiology",
        "namespaces": ["vision"],
        "grants": [{"cluster": "a"}, {"cluster": "b"}, {"cluster": "c"}],
    },
}
JOB_VALUE = {
    "apiVersion": "covey.dev/v1alpha1",
    "kind": "FederatedJob",
    "metadata": {"name": "digits", "namespace": "vision"},
    "spec": {
        "runtime": "flower",
        "app": {"path": "app", "image": IMAGE},
        "rounds": 5,
        "collaborators": {"min": 2, "clusterSets": ["hospitals"], "dataSet": "digits"},
        "model": {"storage": {"size": "2Gi"}},
    },
}

FLEET = parse_fleet(FLEET_VALUE, kind_schema("Fleet"))
DATA_SET = parse_data_set(DATA_SET_VALUE, kind_schema("DataSet"))
JOB = parse_job(JOB_VALUE, kind_schema("FederatedJob"))

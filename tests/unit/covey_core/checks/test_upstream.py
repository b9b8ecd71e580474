"""Warnings about upstream's FederatedLearnings: each with its rule, its place and its reason."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from covey_core.checks.upstream import upstream_findings
from covey_core.documents import Document
from covey_core.findings import Severity
from covey_core.reading import read

if TYPE_CHECKING:
    from covey_core.findings import Finding

API_VERSION = "federation-ai.open-cluster-management.io/v1alpha1"
OPENFL = """\
apiVersion: federation-ai.open-cluster-management.io/v1alpha1
kind: FederatedLearning
metadata:
  name: sample
spec:
  framework: openfl
  server:
    image: quay.io/acme/server:1
    rounds: 3
    minAvailableClients: 2
    listeners:
    - name: lan
      type: NodePort
      port: 30080
    storage:
      type: PersistentVolumeClaim
      name: model
      size: 2Gi
      path: /data/models
  client:
    image: quay.io/acme/client:1
    placement:
      numberOfClusters: 3
      predicates:
      - requiredClusterSelector:
          claimSelector:
            matchExpressions:
            - key: client-data
              operator: Exists
"""
FLOWER = f"""\
apiVersion: {API_VERSION}
kind: FederatedLearning
metadata: {{name: sample}}
spec:
  framework: flower
  server: {{image: quay.io/acme/server:1, minAvailableClients: 2}}
  client: {{image: quay.io/acme/client:1}}
"""
GONE: Any = object()


def findings(text: str) -> tuple[Finding, ...]:
    (document,) = read("fl.yaml", text.encode(), strict=False).documents
    return upstream_findings(document)


def changed(path: str, value: Any) -> str:
    made = copy.deepcopy(yaml.safe_load(OPENFL))
    *parents, last = path.split(".")
    node: Any = made
    for part in parents:
        node = node[int(part) if isinstance(node, list) else part]
    if value is GONE:
        del node[last]
    else:
        node[last] = value
    text: str = yaml.safe_dump(made, sort_keys=False)
    return text


@pytest.mark.parametrize("text", [OPENFL, FLOWER], ids=["openfl", "flower"])
def test_what_upstream_can_run_has_no_warning(text: str) -> None:
    assert findings(text) == ()


@pytest.mark.parametrize(
    ("path", "value", "rule", "pointer"),
    [
        ("spec.framework", "nvflare", "framework", "/spec/framework"),
        ("spec.server.image", GONE, "image", "/spec/server/image"),
        ("spec.client.image", "", "image", "/spec/client/image"),
        ("spec.server.rounds", GONE, "rounds", "/spec/server/rounds"),
        ("spec.server.rounds", 0, "rounds", "/spec/server/rounds"),
        ("spec.server.minAvailableClients", GONE, "minimum", "/spec/server/minAvailableClients"),
        ("spec.client.placement.numberOfClusters", 1, "minimum", "/spec/client/placement/numberOfClusters"),
        ("spec.server.listeners", GONE, "listener", "/spec/server/listeners"),
        ("spec.server.listeners", [], "listener", "/spec/server/listeners"),
        ("spec.server.listeners", [{"type": "LoadBalancer"}, {}], "ignored", "/spec/server/listeners/1"),
        ("spec.server.listeners.0.type", "Route", "listener-type", "/spec/server/listeners/0/type"),
        ("spec.server.listeners.0.type", GONE, "listener-type", "/spec/server/listeners/0/type"),
        ("spec.server.listeners.0.port", 8080, "node-port", "/spec/server/listeners/0/port"),
        ("spec.server.listeners.0.port", 32768, "node-port", "/spec/server/listeners/0/port"),
        ("spec.server.listeners.0.port", GONE, "node-port", "/spec/server/listeners/0/port"),
        (
            "spec.server.listeners",
            [{"type": "LoadBalancer", "ip": "192.0.2.4"}],
            "ignored",
            "/spec/server/listeners/0/ip",
        ),
        ("spec.server.storage", GONE, "storage", "/spec/server/storage"),
        ("spec.server.storage.type", "HostPath", "storage-type", "/spec/server/storage/type"),
        ("spec.server.storage.name", GONE, "storage", "/spec/server/storage/name"),
        ("spec.server.storage.path", "", "storage", "/spec/server/storage/path"),
        ("spec.server.storage.size", GONE, "storage", "/spec/server/storage/size"),
        ("spec.server.storage.size", "2 GB", "storage", "/spec/server/storage/size"),
        ("spec.client.placement.predicates", [], "data-claim", "/spec/client/placement/predicates"),
        ("spec.client.placement", GONE, "data-claim", "/spec/client/placement/predicates"),
    ],
)
def test_what_upstream_can_not_run_has_one_warning(path: str, value: Any, rule: str, pointer: str) -> None:
    (finding,) = findings(changed(path, value))
    assert (finding.rule, finding.pointer, finding.severity) == (f"upstream/{rule}", pointer, Severity.WARNING)
    assert finding.message.endswith(".")
    assert finding.hint.endswith(".")


def test_a_bucket_needs_its_name_and_is_shared_with_every_other_job() -> None:
    rules = [finding.rule for finding in findings(changed("spec.server.storage.type", "S3Bucket"))]
    assert rules == ["upstream/storage", "upstream/storage-bucket"]


@pytest.mark.parametrize("field", ["rounds: 3", "listeners: [{type: NodePort}]", "storage: {type: HostPath}"])
def test_for_flower_only_what_is_ignored_is_warned_about(field: str) -> None:
    name = field.partition(":")[0]
    (finding,) = findings(FLOWER.replace("minAvailableClients: 2", f"minAvailableClients: 2, {field}"))
    assert (finding.rule, finding.pointer) == ("upstream/ignored", f"/spec/server/{name}")
    assert finding.message == f"Upstream ignores {name} for Flower."


def test_a_warning_stands_at_its_line_and_says_why() -> None:
    (finding,) = findings(OPENFL.replace("port: 30080", "port: 8080"))
    assert (finding.file, finding.position.line, finding.position.column) == ("fl.yaml", 14, 13)
    assert finding.message == "The port 8080 is no node port: the API server refuses the Service."
    assert finding.hint == "Use a port from 30000 to 32767, the API server's default range."


def test_an_item_of_a_list_is_looked_at_too() -> None:
    items = {
        "apiVersion": "v1",
        "kind": "List",
        "items": [yaml.safe_load(FLOWER), yaml.safe_load(changed("spec.server.rounds", 0))],
    }
    (finding,) = findings(yaml.safe_dump(items))
    assert finding.pointer == "/items/1/spec/server/rounds"


@pytest.mark.parametrize(
    "text",
    [
        OPENFL.replace("spec:\n", "spec:\n  covey: {}\n").replace("port: 30080", "port: 1"),
        OPENFL.replace("federation-ai.open-cluster-management.io", "other.example").replace("port: 30080", "port: 1"),
        FLOWER.replace("FederatedLearning", "ConfigMap"),
    ],
    ids=["with spec.covey", "of another group", "of another kind"],
)
def test_nothing_else_is_looked_at(text: str) -> None:
    assert findings(text) == ()


@pytest.mark.parametrize("value", [[1, 2], "text", None, 3])
def test_a_document_that_is_no_object_is_left_to_others(value: Any) -> None:
    assert upstream_findings(Document("fl.yaml", 0, value, "")) == ()


@pytest.mark.parametrize(
    "spec", ["[]", "text", "{server: [], client: 3}", "{server: {listeners: {}, storage: []}}", "null"]
)
def test_values_of_a_wrong_type_are_left_to_the_schema(spec: str) -> None:
    text = f"apiVersion: {API_VERSION}\nkind: FederatedLearning\nmetadata: {{name: a}}\nspec: {spec}\n"
    assert {finding.severity for finding in findings(text)} == {Severity.WARNING}

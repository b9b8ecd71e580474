"""Whatever upstream's FederatedLearning CRD accepts, ours accepts, as long as it does not use `spec.covey`."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import crd_rules
from crd_cases import ROOT, crd

if TYPE_CHECKING:
    from collections.abc import Iterator

UPSTREAM = ROOT.parent / "shared" / "crds" / "upstream-fl" / "federatedlearnings.crd.yaml"
pytestmark = pytest.mark.skipif(not UPSTREAM.is_file(), reason="../shared/crds/upstream-fl is not on this machine")

Schema = dict[str, Any]
API_VERSION = "federation-ai.open-cluster-management.io/v1alpha1"


@cache
def _upstream_crd() -> Schema:
    loaded: Schema = yaml.safe_load(UPSTREAM.read_text(encoding="utf-8"))
    return loaded


def _schemas() -> tuple[Schema, Schema]:
    return crd_rules.root(_upstream_crd()), crd_rules.root(crd("federatedlearnings"))


def test_the_resource_is_called_and_served_as_upstreams() -> None:
    theirs, ours = _upstream_crd(), crd("federatedlearnings")
    assert ours["metadata"]["name"] == theirs["metadata"]["name"]
    assert (ours["spec"]["group"], ours["spec"]["scope"]) == (theirs["spec"]["group"], theirs["spec"]["scope"])
    assert {key: ours["spec"]["names"][key] for key in theirs["spec"]["names"]} == theirs["spec"]["names"]
    ((mine,), (other,)) = ours["spec"]["versions"], theirs["spec"]["versions"]
    assert [mine[key] for key in ("name", "served", "storage", "subresources")] == [
        other[key] for key in ("name", "served", "storage", "subresources")
    ]
    columns = {column["name"]: column["jsonPath"] for column in mine["additionalPrinterColumns"]}
    assert {
        column["name"]: column["jsonPath"] for column in other["additionalPrinterColumns"]
    }.items() <= columns.items()


def test_each_of_upstreams_fields_is_there_and_the_same() -> None:
    theirs, ours = (dict(crd_rules.nodes(schema)) for schema in _schemas())
    assert {place: _said(node) for place, node in theirs.items()} == {
        place: _said(ours[place]) if place in ours else "missing" for place in theirs
    }


def test_what_we_add_is_never_required_and_has_no_default() -> None:
    theirs, ours = (dict(crd_rules.nodes(schema)) for schema in _schemas())
    added = {place: node for place, node in ours.items() if place not in theirs}
    assert [place for place, node in added.items() if "default" in node] == []
    assert [place for place in theirs if theirs[place].get("required", []) != ours[place].get("required", [])] == []
    roots = {place for place in added if place.rpartition("/")[0] in theirs}
    ours_alone = {"observedGeneration", "conditions", "run", "round", "rounds", "collaborators", "model"}
    assert roots == {"/spec/covey"} | {f"/status/{name}" for name in ours_alone}


def _said(node: Schema) -> Schema:
    """All that a node says to the API server, without its children and texts."""
    silent = {"description", "properties", "items", "additionalProperties", "x-kubernetes-validations", "required"}
    return {key: value for key, value in node.items() if key not in silent} | {
        "required": sorted(node.get("required", [])),
        "open": isinstance(node.get("additionalProperties"), dict),
    }


def test_rules_of_ours_stand_only_where_they_can_leave_upstreams_resources_alone() -> None:
    _, ours = _schemas()
    outside = {place for place, _ in crd_rules.rules(ours) if not place.startswith("/spec/covey")}
    assert outside == {"", "/spec"}


@cache
def _part(name: str) -> st.SearchStrategy[Any]:
    return _objects(_schemas()[0]["properties"][name])


def _objects(schema: Schema) -> st.SearchStrategy[Any]:
    """Objects of a CRD's schema: any value that it allows, near its limits and far from them."""
    if schema.get("x-kubernetes-int-or-string"):
        return st.one_of(st.integers(1, 100), st.integers(1, 100).map(lambda share: f"{share}%"))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds = {
        "object": _mappings,
        "array": lambda node: st.lists(_objects(node["items"]), max_size=min(node.get("maxItems", 3), 3)),
        "string": _texts,
        "integer": lambda node: st.integers(node.get("minimum", -(2**31)), node.get("maximum", 2**31 - 1)),
    }
    return kinds[schema["type"]](schema)


def _mappings(schema: Schema) -> st.SearchStrategy[Any]:
    if "properties" not in schema:
        return st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2)
    parts = {name: _objects(part) for name, part in schema["properties"].items()}
    required = set(schema.get("required", ()))
    return st.fixed_dictionaries(
        {name: part for name, part in parts.items() if name in required},
        optional={name: part for name, part in parts.items() if name not in required},
    )


def _texts(schema: Schema) -> st.SearchStrategy[Any]:
    if "pattern" in schema:
        return st.from_regex(schema["pattern"], fullmatch=True).filter(
            lambda text: "\n" not in text and len(text) <= schema.get("maxLength", len(text))
        )
    return st.one_of(st.sampled_from(["", "flower", "NodePort", "Route", "a.b:1"]), st.text(max_size=20))


@st.composite
def upstream_resources(draw: st.DrawFn) -> dict[str, Any]:
    made: dict[str, Any] = {
        "apiVersion": API_VERSION,
        "kind": "FederatedLearning",
        "metadata": {"name": draw(st.sampled_from(["digits", "a.b", "x" * 253]))},
    }
    for part in ("spec", "status"):
        if draw(st.booleans()):
            made[part] = draw(_part(part))
    return made


def _errors(schema: Schema, value: Any) -> list[str]:
    """OpenAPI 3.0 writes excluded limits as draft 4 does."""
    return [error.message for error in jsonschema_rs.Draft4Validator(schema).iter_errors(value)]


def _defaulted(schema: Schema, value: Any) -> Any:
    """The value with the defaults that the API server fills in."""
    if isinstance(value, list):
        return [_defaulted(schema["items"], item) for item in value]
    if not isinstance(value, dict) or "properties" not in schema:
        return value
    filled = {name: part["default"] for name, part in schema["properties"].items() if "default" in part} | value
    return {name: _defaulted(schema["properties"].get(name, {}), item) for name, item in filled.items()}


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(old=upstream_resources(), new=upstream_resources())
def test_what_upstream_accepts_ours_accepts_as_a_new_object_and_as_a_change(old: Any, new: Any) -> None:
    theirs, ours = _schemas()
    assert _errors(theirs, new) == []
    assert _errors(ours, new) == []
    assert _defaulted(ours, new) == _defaulted(theirs, new)
    old, new = _defaulted(ours, old), _defaulted(ours, new)
    assert crd_rules.broken(ours, new) == set()
    assert crd_rules.broken(ours, new, old) == set()


def _samples() -> Iterator[Any]:
    server = {
        "image": "quay.io/x/y:latest",
        "rounds": 3,
        "minAvailableClients": 2,
        "listeners": [{"name": "lan", "port": 8080, "type": "NodePort", "ip": "192.0.2.4"}],
        "storage": {"type": "PersistentVolumeClaim", "name": "model", "path": "/data/models", "size": "2Gi"},
    }
    selector = {
        "claimSelector": {"matchExpressions": [{"key": "federated-learning-sample.client-data", "operator": "Exists"}]}
    }
    placement = {"clusterSets": ["global"], "predicates": [{"requiredClusterSelector": selector}]}
    yield {"framework": "openfl", "server": server, "client": {"image": "quay.io/x/z:latest", "placement": placement}}
    yield {"framework": "flower", "server": {"superlink": "a.b:1"}, "client": {"supernode": "c.d:2"}}
    yield {"server": {"storage": {"type": "S3Bucket", "s3": {"bucketName": "b"}}, "listeners": [{"type": "Route"}]}}
    yield {}


@pytest.mark.parametrize("spec", tuple(_samples()))
def test_resources_as_upstreams_users_write_them_are_accepted(spec: Any) -> None:
    theirs, ours = _schemas()
    resource = {"apiVersion": API_VERSION, "kind": "FederatedLearning", "metadata": {"name": "sample"}, "spec": spec}
    assert _errors(theirs, resource) == []
    assert _errors(ours, resource) == []
    assert crd_rules.broken(ours, _defaulted(ours, resource)) == set()


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"server": {"minAvailableClients": 0}}, "0 is less than the minimum of 1"),
        ({"server": {"storage": {"s3": {}}}}, '"bucketName" is a required property'),
        ({"client": {"placement": {"clusterSets": "all"}}}, '"all" is not of type "array"'),
    ],
)
def test_what_upstream_refuses_ours_refuses_with_the_same_words(spec: Any, message: str) -> None:
    theirs, ours = _schemas()
    assert _errors(theirs, {"spec": spec}) == [message]
    assert _errors(ours, {"spec": spec}) == [message]

"""Our CRDs: generated, structural, without implied values, and their rules hold what they promise."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from functools import cache
from typing import Any

import jsonschema_rs
import pytest

import crd_rules
from covey_schemas import crd_checks
from covey_schemas.catalog import KindName, bundled, from_crds
from crd_cases import CRDS, NAMES, ROOT, Case, cases, crd, sample

BUILD = ROOT / "schemas" / "build"


def schema(name: str) -> dict[str, Any]:
    return crd_rules.root(crd(name))


def _all(verdict: str) -> list[Any]:
    return [pytest.param(name, case, id=f"{name}: {case.what}") for name in NAMES for case in cases(name, verdict)]


@pytest.fixture(scope="module")
def structural() -> Any:
    spec = importlib.util.spec_from_file_location("covey_build_structural", BUILD / "structural.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_crds_in_the_repository_are_what_the_script_writes() -> None:
    done = subprocess.run(
        [sys.executable, BUILD / "crds.py", "--check"], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "All CRDs are up to date.\n", "")


def test_no_crd_stands_there_that_the_script_does_not_write() -> None:
    assert sorted(path.stem for path in CRDS.iterdir()) == list(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_crd_is_what_kubernetes_says_a_crd_is(name: str) -> None:
    crd_checks.check(crd(name))
    kind = bundled().find(KindName("apiextensions.k8s.io", "v1", "CustomResourceDefinition"))
    assert kind is not None
    assert [error.message for error in jsonschema_rs.validator_for(kind.schema).iter_errors(crd(name))] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_crd_has_status_columns_and_a_version(name: str) -> None:
    made = crd(name)
    version = made["spec"]["versions"][0]
    assert version["subresources"] == {"status": {}}
    assert len(version["additionalPrinterColumns"]) >= 3
    assert version["additionalPrinterColumns"][-1]["name"] == "Age"
    assert int(made["metadata"]["annotations"]["covey.dev/crd-version"]) >= 1
    assert made["metadata"]["name"] == f"{made['spec']['names']['plural']}.{made['spec']['group']}"


ALLOWED = frozenset({
    "type", "description", "properties", "items", "additionalProperties", "required", "enum", "pattern", "format",
    "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minimum", "maximum",
    "exclusiveMinimum", "exclusiveMaximum", "default", "anyOf", "x-kubernetes-validations", "x-kubernetes-list-type",
    "x-kubernetes-list-map-keys", "x-kubernetes-map-type", "x-kubernetes-int-or-string",
    "x-kubernetes-preserve-unknown-fields",
})  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_node_of_a_crd_is_structural(name: str) -> None:
    wrong = [f"{place}: {what}" for place, node in crd_rules.nodes(schema(name)) for what in _faults(node)]
    assert wrong == []


def _faults(node: dict[str, Any]) -> list[str]:
    untyped = node.get("x-kubernetes-int-or-string") or node.get("x-kubernetes-preserve-unknown-fields")
    faults = [f"keyword {keyword}" for keyword in node if keyword not in ALLOWED]
    if not untyped and node.get("type") not in {"object", "array", "string", "integer", "number", "boolean"}:
        faults.append("no single type")
    if "properties" in node and "additionalProperties" in node:
        faults.append("properties beside additionalProperties")
    if not set(node.get("required", ())) <= node.get("properties", {}).keys():
        faults.append("requires what it does not have")
    if "properties" in node and node["type"] != "object":
        faults.append("properties of something that is no object")
    if node.get("type") == "array" and "items" not in node:
        faults.append("a list of anything")
    return faults + _list_faults(node)


def _list_faults(node: dict[str, Any]) -> list[str]:
    keys = node.get("x-kubernetes-list-map-keys", [])
    if (node.get("x-kubernetes-list-type") == "map") != bool(keys):
        return ["a map list needs keys, and no other list has them"]
    return [] if not keys or set(keys) <= set(node["items"]["required"]) else ["a key of a map list that may be absent"]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_ours_has_a_default(name: str) -> None:
    defaults = {place for place, node in crd_rules.nodes(schema(name)) if "default" in node}
    upstream = {"/spec/framework", "/status/phase"} if name == "federatedlearnings" else set()
    assert {place for place in defaults if not place.startswith(("/spec/server/", "/spec/client/"))} == upstream


@pytest.mark.parametrize("name", NAMES)
def test_every_field_says_what_it_is(name: str) -> None:
    named = [
        (place, node) for place, node in crd_rules.nodes(schema(name))
        if "/" in place and not place.endswith(("/items", "/additionalProperties", "/metadata"))
    ]  # fmt: skip
    assert [place for place, node in named if len(node.get("description", "")) < 5] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_compiles_and_says_what_is_wrong_in_a_sentence(name: str) -> None:
    for place, rule in crd_rules.rules(schema(name)):
        assert crd_rules.compiled(rule["rule"]) is not None
        assert rule["message"].endswith("."), place
        assert len(rule["message"].split()) >= 5, place


@pytest.mark.parametrize("name", NAMES)
def test_the_sample_is_accepted_new_and_unchanged(name: str) -> None:
    value = sample(name)
    assert _schema_errors(name, value) == []
    assert crd_rules.broken(schema(name), value) == set()
    assert crd_rules.broken(schema(name), value, value) == set()


def _schema_errors(name: str, value: dict[str, Any]) -> list[str]:
    return [f"{error.instance_path}: {error.message}" for error in _validator(name).iter_errors(value)]


@cache
def _validator(name: str) -> Any:
    catalog = from_crds([crd(name)], "test")
    kind = catalog.find(catalog.kinds()[0])
    assert kind is not None
    return jsonschema_rs.validator_for(kind.schema)


@pytest.mark.parametrize(("name", "case"), _all("refused"))
def test_a_rule_refuses(name: str, case: Case) -> None:
    assert _schema_errors(name, case.new) == []
    assert case.message in _broken(name, case)


@pytest.mark.parametrize(("name", "case"), _all("accepted"))
def test_the_rules_allow(name: str, case: Case) -> None:
    assert _schema_errors(name, case.new) == []
    assert _broken(name, case) == set()


def _broken(name: str, case: Case) -> set[str]:
    old = crd_rules.MISSING if case.old is None else case.old
    return crd_rules.broken(schema(name), case.new, old)


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_has_an_object_that_breaks_it(name: str) -> None:
    messages = {rule["message"] for _, rule in crd_rules.rules(schema(name))}
    shown = {case.message for case in cases(name, "refused")}
    if name == "federatedruns":  # its snapshot has the rules of spec.covey
        shown |= {case.message for case in cases("federatedlearnings", "refused")}
    assert messages - shown == set()


def _covey(name: str) -> dict[str, Any]:
    covey: dict[str, Any] = schema(name)["properties"]["spec"]["properties"]["covey"]
    return covey


def test_the_snapshot_of_a_run_is_the_job_as_it_was_rendered() -> None:
    snapshot = dict(_covey("federatedruns"))
    rules = [rule for rule in snapshot.pop("x-kubernetes-validations") if rule["rule"] == "self == oldSelf"]
    assert len(rules) == 1
    assert snapshot == _covey("federatedlearnings")


@pytest.mark.parametrize(("name", "place"), [("datasets", ""), ("fleets", ""), ("federatedlearnings", "/covey")])
def test_what_was_reviewed_has_one_owner_so_that_an_addition_is_a_conflict(name: str, place: str) -> None:
    spec = dict(crd_rules.nodes(schema(name)["properties"]["spec"]))
    assert spec[place]["x-kubernetes-map-type"] == "atomic"


OPTIONAL = {"purpose", "privacy", "nodePort", "host", "className", "gpus", "seconds", "score"}


def test_under_covey_only_what_may_really_be_absent_is_optional() -> None:
    optional = {
        field
        for _, node in crd_rules.nodes(_covey("federatedlearnings"))
        for field in node.get("properties", {}).keys() - set(node.get("required", ()))
    }
    assert optional == OPTIONAL


@pytest.mark.parametrize("keyword", ["oneOf", "not", "dependentRequired", "const", "patternProperties", "allOf"])
def test_a_keyword_that_a_crd_can_not_say_stops_the_script(structural: Any, keyword: str) -> None:
    schema = {"title": "Odd", "description": "Odd.", "type": "string", keyword: {}}
    with pytest.raises(ValueError, match=f"Odd: a CRD can't say `{keyword}`"):
        structural.structural(schema, place="Odd")


def test_a_limit_that_is_excluded_becomes_a_flag_beside_it(structural: Any) -> None:
    schema = {"title": "Share", "description": "A share.", "type": "number", "exclusiveMinimum": 0, "default": 1}
    assert structural.structural(schema, place="Share") == {
        "description": "Share: A share.",
        "type": "number",
        "minimum": 0,
        "exclusiveMinimum": True,
    }

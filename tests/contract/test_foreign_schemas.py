"""Our schemas of other projects' kinds against the projects' own CRDs, and against objects that real OCM wrote."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import jsonschema_rs
import pytest
import yaml

from covey_schemas import catalog, foreign_kinds
from covey_schemas.model import KindName, LazyCatalog

ROOT = Path(__file__).resolve().parents[2]
LISTED = Path(__file__).with_name("schema_differences.yaml")


@pytest.fixture(scope="module")
def compare():
    return _script("compare")


@pytest.fixture(scope="module")
def crds(compare, crds_folder):
    return list(compare.read([crds_folder]))


@pytest.fixture(scope="module")
def imported(crds):
    return catalog.from_crds(crds, "imported")


@pytest.fixture(scope="module")
def recordings(recordings_folder):
    documents = [
        (path.name, document)
        for path in sorted(recordings_folder.glob("*.yaml"))
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))
        if document
    ]
    items = [
        (name, item) for name, document in documents for item in document.get("items", [document]) if "kind" in item
    ]
    assert len(items) > 40
    return [(name, _with_secret_values(item)) for name, item in items]


def test_every_difference_from_the_projects_crds_is_listed_with_a_reason(compare, crds):
    listed = yaml.safe_load(LISTED.read_text(encoding="utf-8"))
    assert all(entry["reason"].strip() for entry in listed)
    found = {(entry.kind, entry.path, entry.what) for entry in compare.differences(crds)}
    assert found == {(entry["kind"], entry["path"], entry["what"]) for entry in listed}


def test_the_comparison_covers_the_kinds_that_covey_emits(crds):
    theirs = {(crd["spec"]["group"], crd["spec"]["names"]["kind"]) for crd in crds}
    ours = {(name.group, name.kind) for name in foreign_kinds.makers()}
    assert ours - theirs == {
        ("argoproj.io", "Application"),
        ("argoproj.io", "ApplicationSet"),
        ("argoproj.io", "AppProject"),
        ("route.openshift.io", "Route"),
    }


def test_a_changed_crd_is_found_as_a_difference(compare, crds):
    crd = next(crd for crd in crds if crd["spec"]["names"]["kind"] == "ClusterClaim")
    changed = yaml.safe_load(yaml.safe_dump(crd))
    spec = changed["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    spec["required"] = ["value"]
    spec["properties"]["value"]["maxLength"] = 9
    spec["properties"]["unit"] = {"type": "string"}
    spec["x-kubernetes-validations"] = [{"rule": "self.value != ''", "message": "prose"}]
    assert {(entry.path, entry.what) for entry in compare.differences([changed])} == {
        (".spec", "required: none, theirs ['value']"),
        (".spec", "x-kubernetes-validations: none, theirs [\"self.value != ''\"]"),
        (".spec.unit", "only theirs"),
        (".spec.value", "maxLength: 1024, theirs 9"),
    }


def test_our_schemas_accept_all_that_real_ocm_wrote(recordings):
    assert _refused(catalog.bundled(), recordings) == []


def test_imported_crds_accept_all_that_real_ocm_wrote(imported, recordings):
    assert _refused(catalog.layered(imported, catalog.bundled()), recordings) == []


def test_all_served_versions_of_the_crds_are_imported(imported, crds):
    served = {
        KindName(crd["spec"]["group"], version["name"], crd["spec"]["names"]["kind"])
        for crd in crds
        for version in crd["spec"]["versions"]
    }
    assert set(imported.kinds()) == served
    for name in served:
        assert imported.find(name).origin == "imported"


def test_our_schema_of_a_kind_is_the_one_that_its_crd_gives(imported):
    """Both ways lead through the same closing, so what is written and what is imported validate alike."""
    ours = LazyCatalog(foreign_kinds.makers)
    shared = set(ours.kinds()) & set(imported.kinds())
    assert len(shared) > 15
    for name in shared:
        assert ours.find(name).cel == imported.find(name).cel
        assert ours.find(name).namespaced == imported.find(name).namespaced
        assert _without_messages(ours.find(name).schema) == _without_messages(imported.find(name).schema)


def test_a_manifest_work_with_a_misspelt_field_is_refused_by_both(imported, recordings):
    work = next(item for _, item in recordings if item["kind"] == "ManifestWork")
    broken = yaml.safe_load(yaml.safe_dump(work))
    broken["spec"]["manifestConfigs"] = [{"resourceIdentifier": {"name": "a", "resource": "b", "nmespace": "c"}}]
    for source in (catalog.bundled(), imported):
        (message,) = _refused(source, [("work", broken)])
        assert message.startswith("work: /spec/manifestConfigs/0/resourceIdentifier: ")
        assert "'nmespace' was unexpected" in message


def _refused(source, objects):
    messages = []
    for name, item in objects:
        found = source.find(KindName.of(item["apiVersion"], item["kind"]))
        if found is None:
            messages.append(f"{name}: no schema for {item['apiVersion']} {item['kind']}")
            continue
        for error in jsonschema_rs.Draft202012Validator(found.schema).iter_errors(item):
            path = "".join(f"/{part}" for part in error.instance_path)
            messages.append(f"{name}: {path}: {error.message}")
    return messages


def _with_secret_values(item):
    """The recordings leave the values of Secrets out: `<base64>` stands for one."""
    if item["kind"] != "Secret":
        return item
    return item | {"data": {key: "c2VjcmV0" if text == "<base64>" else text for key, text in item["data"].items()}}


def _without_messages(schema):
    if isinstance(schema, dict):
        return {
            key: sorted(rule["rule"] for rule in value)
            if key == "x-kubernetes-validations" and isinstance(value, list)
            else sorted(value)
            if key == "required" and isinstance(value, list)
            else _without_messages(value)
            for key, value in schema.items()
        }
    return [_without_messages(value) for value in schema] if isinstance(schema, list) else schema


def _script(name):
    """A module of schemas/build, which is a folder of scripts and no package."""
    spec = importlib.util.spec_from_file_location(f"build_{name}", ROOT / "schemas" / "build" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module

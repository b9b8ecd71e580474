"""The catalog: what is found, how little is read, and which layer answers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema_rs
import pytest

from covey_schemas import catalog
from covey_schemas.model import KindName

DOCS = Path(__file__).resolve().parents[3] / "docs" / "schemas.md"
DEPLOYMENT = KindName("apps", "v1", "Deployment")


def crd(*versions, group="example.dev", kind="Widget", scope="Namespaced", **spec_fields):
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{kind.lower()}s.{group}"},
        "spec": {
            "group": group,
            "scope": scope,
            "names": {"kind": kind, "plural": f"{kind.lower()}s"},
            "versions": [
                {
                    "name": version,
                    "served": True,
                    "storage": True,
                    "schema": {
                        "openAPIV3Schema": {
                            "type": "object",
                            "properties": {"spec": {"type": "object", "properties": spec_fields}},
                        },
                    },
                }
                for version in versions
            ],
        },
    }


def test_importing_the_catalog_reads_nothing_and_imports_no_parser():
    code = (
        "import sys; before = set(sys.modules); import covey_schemas.catalog; new = set(sys.modules) - before; "
        "print(sorted({'json', 'yaml_rs', 'yaml', 'jsonschema_rs', 'covey_schemas.kubernetes'} & new))"
    )
    assert _python(code) == "[]"


def test_a_kubernetes_kind_is_found_without_reading_other_packages():
    code = (
        "import sys; opened = []; "
        "sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == 'open' else None); "
        "from covey_schemas import catalog; "
        "from covey_schemas.model import KindName; "
        "catalog.bundled().find(KindName('coordination.k8s.io', 'v1', 'Lease')); "
        "print(sorted(name.rpartition('/')[2] for name in opened if 'covey_schemas/kubernetes/' in name))"
    )
    assert _python(code) == "['coordination.v1.json', 'index.json', 'meta.v1.json']"


def test_the_bundled_catalog_has_every_kind_that_covey_emits():
    kinds = {(name.group, name.kind) for name in catalog.bundled().kinds()}
    assert {
        ("", "PersistentVolumeClaim"),
        ("", "PodTemplate"),
        ("", "Service"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
        ("apiextensions.k8s.io", "CustomResourceDefinition"),
        ("argoproj.io", "AppProject"),
        ("argoproj.io", "Application"),
        ("argoproj.io", "ApplicationSet"),
        ("cluster.open-cluster-management.io", "ManagedClusterSetBinding"),
        ("cluster.open-cluster-management.io", "Placement"),
        ("covey.dev", "Collaboration"),
        ("covey.dev", "DataSet"),
        ("covey.dev", "FederatedRun"),
        ("covey.dev", "Fleet"),
        ("federation-ai.open-cluster-management.io", "FederatedLearning"),
        ("networking.k8s.io", "NetworkPolicy"),
        ("policy.open-cluster-management.io", "Policy"),
        ("rbac.authorization.k8s.io", "ClusterRole"),
        ("route.openshift.io", "Route"),
        ("work.open-cluster-management.io", "ManifestWorkReplicaSet"),
    } <= kinds


def test_every_bundled_schema_is_a_valid_json_schema_that_can_be_compiled():
    for name in catalog.bundled().kinds():
        found = catalog.bundled().find(name)
        assert found.name == name
        assert found.schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        jsonschema_rs.meta.validate(found.schema)
        jsonschema_rs.Draft202012Validator(found.schema)


def test_every_reference_points_to_an_object_in_the_same_schema():
    for name in catalog.bundled().kinds():
        schema = catalog.bundled().find(name).schema
        for reference in _references(schema):
            prefix, _, definition = reference.rpartition("/")
            assert prefix == "#/$defs"
            assert schema["$defs"][definition]["type"] == ["object", "null"]


def test_every_bundled_schema_refuses_an_unknown_field_at_the_top():
    for name in catalog.bundled().kinds():
        schema = catalog.bundled().find(name).schema
        assert schema["additionalProperties"] is False, name


def test_a_kind_that_nobody_knows_is_none():
    assert catalog.bundled().find(KindName("apps", "v1", "Deplyoment")) is None
    assert catalog.bundled().find(KindName("apps", "v9", "Deployment")) is None


def test_a_kind_is_made_once():
    assert catalog.bundled().find(DEPLOYMENT) is catalog.bundled().find(DEPLOYMENT)


def test_origin_says_where_a_schema_comes_from():
    def origin(group, version, kind):
        return catalog.bundled().find(KindName(group, version, kind)).origin

    assert origin("apps", "v1", "Deployment") == "Kubernetes 1.36.3"
    assert origin("work.open-cluster-management.io", "v1", "ManifestWork") == "Open Cluster Management 1.3.1"
    assert origin("covey.dev", "v1alpha1", "Fleet") == "covey"


def test_the_docs_name_the_versions_and_the_foreign_kinds_that_are_bundled():
    text = DOCS.read_text(encoding="utf-8")
    for name in catalog.bundled().kinds():
        origin = catalog.bundled().find(name).origin
        if origin != "covey":
            assert origin.split()[-1] in text
            assert origin.startswith("Kubernetes") or name.kind in text


def test_only_kinds_with_rules_are_marked_for_cel():
    def has_rules(group, version, kind):
        return catalog.bundled().find(KindName(group, version, kind)).cel

    assert has_rules("work.open-cluster-management.io", "v1", "ManifestWork")
    assert not has_rules("cluster.open-cluster-management.io", "v1beta1", "Placement")
    assert not has_rules("apps", "v1", "Deployment")
    assert not has_rules("apiextensions.k8s.io", "v1", "CustomResourceDefinition")


def test_an_imported_schema_wins_over_a_bundled_one():
    group = "work.open-cluster-management.io"
    work = KindName(group, "v1", "ManifestWork")
    imported = catalog.from_crds([crd("v1", group=group, kind="ManifestWork")], "my hub")
    both = catalog.layered(imported, catalog.bundled())
    assert both.find(work).origin == "my hub"
    assert both.find(KindName(group, "v1", "AppliedManifestWork")).origin == "Open Cluster Management 1.3.1"
    assert both.kinds().count(work) == 1


def test_versions_are_listed_most_stable_first():
    catalog_of_one = catalog.from_crds([crd("v1alpha2", "v2beta1", "v1", "odd", "v2", "v1beta1")], "test")
    assert catalog_of_one.versions_of("example.dev", "Widget") == ("v2", "v1", "v2beta1", "v1beta1", "v1alpha2", "odd")
    assert catalog.bundled().versions_of("autoscaling", "HorizontalPodAutoscaler") == ("v2", "v1")
    assert catalog.bundled().versions_of("example.dev", "Widget") == ()


@pytest.mark.parametrize(
    ("api_version", "group", "version"),
    [("v1", "", "v1"), ("apps/v1", "apps", "v1"), ("covey.dev/v1alpha1", "covey.dev", "v1alpha1")],
)
def test_kind_names_come_from_an_api_version_and_give_it_back(api_version, group, version):
    name = KindName.of(api_version, "Thing")
    assert name == KindName(group, version, "Thing")
    assert name.api_version == api_version
    assert str(name) == f"{api_version} Thing"


def test_our_five_crds_are_whole_objects():
    assert {crd["spec"]["names"]["kind"] for crd in catalog.crds()} == {
        "Collaboration",
        "DataSet",
        "FederatedLearning",
        "FederatedRun",
        "Fleet",
    }


@pytest.mark.parametrize("kind", ["DataSet", "FederatedJob", "Fleet"])
def test_written_kinds_have_their_schema(kind):
    schema = catalog.kind_schema(kind)
    assert schema["properties"]["kind"]["const"] == kind
    assert json.dumps(schema)


def test_an_unknown_written_kind_is_refused_with_those_that_there_are():
    with pytest.raises(KeyError, match="no written kind Job; there are DataSet, FederatedJob, Fleet"):
        catalog.kind_schema("Job")


def _references(schema):
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        for value in schema.values():
            yield from _references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _references(value)


def _python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()

"""The schemas that we wrote for other projects' kinds."""

from __future__ import annotations

import jsonschema_rs
import pytest

from covey_schemas import catalog, foreign_kinds
from covey_schemas.model import KindName

ROUTE = {
    "apiVersion": "route.openshift.io/v1",
    "kind": "Route",
    "metadata": {"name": "digits"},
    "spec": {
        "host": "digits.vision.fleet.example",
        "to": {"kind": "Service", "name": "digits"},
        "port": {"targetPort": "mtls"},
        "tls": {"termination": "passthrough", "insecureEdgeTerminationPolicy": "None"},
    },
}
APPLICATION_SET = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "ApplicationSet",
    "metadata": {"name": "jobs", "namespace": "argocd"},
    "spec": {
        "goTemplate": True,
        "generators": [
            {"git": {"repoURL": "https://git.example/fleet", "revision": "main", "directories": [{"path": "a/*"}]}},
        ],
        "template": {
            "metadata": {"name": "{{.path.basename}}"},
            "spec": {
                "project": "vision",
                "source": {"repoURL": "https://git.example/fleet", "path": "{{.path.path}}"},
                "destination": {"server": "https://hub.example"},
                "syncPolicy": {"automated": {"prune": True}, "syncOptions": ["ServerSideApply=true"]},
            },
        },
    },
}


def errors(item):
    found = catalog.bundled().find(KindName.of(item["apiVersion"], item["kind"]))
    return [error.message for error in jsonschema_rs.Draft202012Validator(found.schema).iter_errors(item)]


def test_every_file_says_its_source_its_scope_and_a_schema_and_nothing_else():
    for name in foreign_kinds.makers():
        path = foreign_kinds.FOLDER / name.group / name.version / f"{name.kind}.yaml"
        file = foreign_kinds.files.yaml(path)
        assert set(file) == {"source", "scope", "schema"}, name
        assert file["scope"] in {"Cluster", "Namespaced"}
        assert any(character.isdigit() for character in file["source"]), "a source names its version"


def test_every_shared_part_is_used():
    used = set()

    def collect(value):
        if isinstance(value, dict):
            if isinstance(value.get("use"), str):
                used.add(value["use"])
            for child in value.values():
                collect(child)
        elif isinstance(value, list):
            for child in value:
                collect(child)

    for path in foreign_kinds.FOLDER.rglob("*.yaml"):
        collect(foreign_kinds.files.yaml(path))
    assert used == set(foreign_kinds.shared())


def test_no_shared_part_is_written_twice():
    names = [name for path in foreign_kinds.FOLDER.glob("*.yaml") for name in foreign_kinds.files.yaml(path)]
    assert len(names) == len(set(names))


def test_a_shared_part_takes_what_stands_beside_its_use():
    parts = {"Text": {"type": "string"}, "Texts": {"items": {"use": "Text"}}}
    written = {"properties": {"a": {"use": "Text", "default": "x"}, "use": {"use": "Texts"}}}
    assert foreign_kinds.expanded(written, parts) == {
        "type": "object",
        "properties": {
            "a": {"type": "string", "default": "x"},
            "use": {"type": "array", "items": {"type": "string"}},
        },
    }


def test_the_add_on_kinds_exist_in_both_versions():
    for kind in ("AddOnDeploymentConfig", "ClusterManagementAddOn", "ManagedClusterAddOn"):
        assert catalog.bundled().versions_of("addon.open-cluster-management.io", kind) == ("v1beta1", "v1alpha1")


def test_a_manifest_work_carries_any_object_that_says_its_kind():
    work = {
        "apiVersion": "work.open-cluster-management.io/v1",
        "kind": "ManifestWork",
        "metadata": {"name": "a", "namespace": "site-1"},
        "spec": {"workload": {"manifests": [{"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "b"}}]}},
    }
    assert errors(work) == []
    work["spec"]["workload"]["manifests"] = [{"kind": "ConfigMap"}]
    assert errors(work) == ['"apiVersion" is a required property']


def test_a_route_and_an_application_set_as_covey_writes_them_are_accepted():
    assert errors(ROUTE) == []
    assert errors(APPLICATION_SET) == []


@pytest.mark.parametrize(
    ("spec", "count"),
    [
        ({"tls": {"termination": "passthru"}}, 1),
        ({"tls": {}}, 1),
        ({"port": {"targetPort": 0}}, 1),
        ({"port": {"targetPort": 8443}}, 0),
        ({"to": {"name": "digits"}}, 0),
        ({"to": {"kind": "Service", "name": "digits", "weight": 257}}, 1),
        ({"host": "under_score.example"}, 1),
        ({"hostname": "a.example"}, 1),
    ],
)
def test_routes_keep_openshifts_limits(spec, count):
    assert len(errors(ROUTE | {"spec": ROUTE["spec"] | spec})) == count


def test_argo_cds_parts_that_are_not_modelled_are_open():
    generators = [
        {"scmProvider": {"github": {"organization": "a"}}},
        {"pullRequest": {"anything": True}},
        {"matrix": {"generators": [{"list": {"elements": [1]}}, {"merge": {}}]}},
    ]
    item = APPLICATION_SET | {"spec": APPLICATION_SET["spec"] | {"generators": generators}, "status": {"new": 1}}
    assert errors(item) == []


def test_a_misspelt_field_of_an_application_template_is_found():
    template = APPLICATION_SET["spec"]["template"]
    broken = template | {"spec": template["spec"] | {"syncPolicy": {"automatic": {}}}}
    assert errors(APPLICATION_SET | {"spec": APPLICATION_SET["spec"] | {"template": broken}}) == [
        "Additional properties are not allowed ('automatic' was unexpected)",
    ]

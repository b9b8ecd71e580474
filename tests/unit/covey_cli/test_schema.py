"""`covey schema`: import, list, show and crds."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from program import covey

CRDS = Path(__file__).parents[2] / "cases" / "validation" / "crds"
WIDGET = "schemas/test.covey.dev/v1/Widget.json"
MANIFEST = "apiVersion: test.covey.dev/v1\nkind: Widget\nmetadata: {name: w}\nspec: {size: 0}\n"


@pytest.fixture
def fleet(tmp_path):
    (tmp_path / "covey.yaml").write_text("kind: Fleet\n")
    (tmp_path / "crds").mkdir()
    shutil.copy(CRDS / "widgets.yaml", tmp_path / "crds")
    (tmp_path / "crds" / "other.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n")
    return tmp_path


def schema(folder, *arguments):
    return covey("schema", *arguments, cwd=folder)


def test_an_imported_schema_is_used_from_then_on(fleet):
    (fleet / "w.yaml").write_text(MANIFEST)
    assert "There is no schema for Widget" in covey("validate", "w.yaml", cwd=fleet).stdout

    done = schema(fleet, "import", "crds")

    assert done.returncode == 0
    assert (fleet / WIDGET).is_file()
    assert "`spec.size` must be at least 1, not 0." in covey("validate", "w.yaml", cwd=fleet).stdout


def test_importing_twice_changes_nothing(fleet):
    schema(fleet, "import", "crds")
    before = (fleet / WIDGET).read_bytes()

    schema(fleet, "import", "crds/widgets.yaml")

    assert (fleet / WIDGET).read_bytes() == before


def test_what_kubectl_prints_as_a_list_can_be_imported(fleet):
    lines = (CRDS / "widgets.yaml").read_text().splitlines()[1:]
    items = "\n".join(f"{'- ' if number == 0 else '  '}{line}" for number, line in enumerate(lines))
    (fleet / "list.yaml").write_text(f"apiVersion: v1\nkind: List\nitems:\n{items}\n")

    assert schema(fleet, "import", "list.yaml").returncode == 0
    assert (fleet / WIDGET).is_file()


def test_one_bad_crd_and_nothing_is_written(fleet):
    text = (CRDS / "widgets.yaml").read_text()
    (fleet / "crds" / "bad.yaml").write_text(text.replace("scope: Namespaced", "scope: World"))

    done = schema(fleet, "import", "crds")

    assert done.returncode == 1
    assert (
        "crds/bad.yaml:2:1: error: The CRD widgets.test.covey.dev: spec.scope must be Namespaced or Cluster"
        in done.stdout
    )
    assert "Nothing was imported." in done.stdout
    assert not (fleet / "schemas").exists()


def test_files_without_a_crd_are_told(fleet):
    done = schema(fleet, "import", "crds/other.yaml")

    assert done.returncode == 1
    assert "There is no CustomResourceDefinition in it." in done.stdout


def test_a_folder_of_schemas_can_be_named_outside_of_a_fleet_repo(fleet, tmp_path_factory):
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "w.yaml").write_text(MANIFEST)

    assert schema(folder, "import", "--schemas", "kept", str(fleet / "crds")).returncode == 0

    done = covey("validate", "--schemas", "kept", "w.yaml", cwd=folder)
    assert "`spec.size` must be at least 1, not 0." in done.stdout
    assert "Widget" in schema(folder, "list", "--schemas", "kept").stdout
    assert schema(folder, "import", str(fleet / "crds")).returncode == 1
    assert covey("validate", "--schemas", "absent", "w.yaml", cwd=folder).returncode == 1


def test_a_damaged_schema_is_one_sentence(fleet):
    schema(fleet, "import", "crds")
    (fleet / WIDGET).write_text("{")
    (fleet / "w.yaml").write_text(MANIFEST)

    done = covey("validate", "w.yaml", cwd=fleet)

    assert done.returncode == 1
    assert done.stderr.startswith(f"error: The imported schema {fleet / WIDGET} can't be used:")


def test_the_list_says_where_a_schema_comes_from(fleet):
    schema(fleet, "import", "crds")

    rows = {
        (row["kind"], row["version"]): row["origin"]
        for row in json.loads(schema(fleet, "list", "--format", "json").stdout)["kinds"]
    }

    assert rows["Widget", "test.covey.dev/v1"] == "imported from widgets.yaml"
    assert rows["Deployment", "apps/v1"].startswith("Kubernetes ")
    assert ("FederatedJob", "covey.dev/v1alpha1") in rows
    assert "Deployment " in schema(fleet, "list").stdout


def test_a_kinds_schema_is_shown_as_json(fleet):
    shown = {
        name: json.loads(schema(fleet, "show", name).stdout) for name in ("FederatedJob", "deployment", "v1/Service")
    }

    assert shown["FederatedJob"]["title"] == "FederatedJob"
    assert shown["deployment"]["properties"]["apiVersion"] == {"const": "apps/v1"}
    assert shown["v1/Service"]["properties"]["kind"] == {"const": "Service"}


def test_an_unknown_kind_gets_a_suggestion(fleet):
    done = schema(fleet, "show", "Deploymnt")

    assert done.returncode == 1
    assert "Did you mean 'Deployment'" in done.stderr


def test_coveys_crds_can_be_applied(fleet):
    (fleet / "printed.yaml").write_text(schema(fleet, "crds").stdout)

    done = covey("validate", "printed.yaml", "--summary", cwd=fleet)

    assert done.returncode == 0, done.stdout
    assert "5 objects: 5 valid" in done.stdout

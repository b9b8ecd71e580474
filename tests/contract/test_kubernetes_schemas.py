"""The bundled schemas of Kubernetes against the Go modules that they are generated from, where those are at hand."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema_rs
import pytest

from covey_schemas import catalog
from covey_schemas.model import KindName

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "schemas" / "build" / "kubernetes.py"
BUNDLED = ROOT / "schemas" / "covey_schemas" / "kubernetes"


@pytest.fixture(scope="module")
def module_cache():
    go = shutil.which("go")
    if go is None:
        pytest.skip("there is no Go here to look for the modules with")
    done = subprocess.run([go, "env", "GOMODCACHE"], capture_output=True, text=True, check=True)
    folder = Path(done.stdout.strip()) / "k8s.io"
    if not (folder / "kubernetes@v1.36.3").is_dir() or not (folder / "api@v0.36.3").is_dir():
        pytest.skip("the Go modules k8s.io/kubernetes@v1.36.3 and k8s.io/api@v0.36.3 are not in the module cache")
    return folder


@pytest.fixture
def generate(module_cache, tmp_path):
    sources = ["--from", module_cache / "kubernetes@v1.36.3/api/openapi-spec/v3", "--api", module_cache / "api@v0.36.3"]

    def run(out, *, hash_seed):
        command = [sys.executable, SCRIPT, *sources, "--out", tmp_path / out]
        subprocess.run(command, check=True, env=os.environ | {"PYTHONHASHSEED": hash_seed})
        return {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / out).iterdir()}

    return run


def test_generating_again_gives_the_bundled_files(generate):
    assert generate("again", hash_seed="1") == {
        path.name: path.read_text(encoding="utf-8") for path in BUNDLED.iterdir() if path.suffix == ".json"
    }


def test_the_same_input_gives_the_same_bytes_and_stale_files_go(generate, tmp_path):
    first = generate("out", hash_seed="2")
    (tmp_path / "out" / "stale.v1.json").write_text("{}")
    assert generate("out", hash_seed="3") == first


def test_a_folder_without_the_openapi_files_is_refused_in_one_sentence(tmp_path):
    command = [sys.executable, SCRIPT, "--from", tmp_path, "--api", tmp_path, "--out", tmp_path / "out"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "has no api__v1_openapi.json" in done.stderr
    assert "give the folder api/openapi-spec/v3 of k8s.io/kubernetes@v1.36.3" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def filled(module_cache):
    """Kubernetes' own round-trip objects: every kind with every field filled in, enumerations with made-up values."""
    objects = [json.loads(path.read_bytes()) for path in sorted(module_cache.glob("api@v0.36.3/testdata/HEAD/*.json"))]
    named = {KindName.of(item["apiVersion"], item["kind"]): item for item in objects if "kind" in item}
    known = {name: item for name, item in named.items() if catalog.bundled().find(name)}
    assert len(known) == 60
    return known


def test_objects_with_every_field_filled_in_are_accepted(filled):
    wrong = [
        (str(name), error.message, error.instance_path)
        for name, item in filled.items()
        for error in _validator(name).iter_errors(item)
        if not (error.kind.name == "enum" and str(error.instance).endswith("Value"))
    ]
    assert wrong == []


def test_an_unknown_field_is_found_in_every_object_inside_a_deployment_that_is_no_map(filled):
    name = KindName("apps", "v1", "Deployment")
    validator, whole = _validator(name), filled[name]
    open_fields = set()
    for path in _objects(whole):
        broken = copy.deepcopy(whole)
        place = broken
        for part in path:
            place = place[part]
        place["misspelt"] = {}
        errors = validator.iter_errors(broken)
        if not any("misspelt" in error.message and error.instance_path == path for error in errors):
            open_fields.add(path[-1])
    assert open_fields == {
        "annotations",
        "fieldsV1",
        "labels",
        "limits",
        "matchLabels",
        "nodeSelector",
        "options",
        "overhead",
        "requests",
        "userAnnotations",
        "volumeAttributes",
    }


def _validator(name):
    return jsonschema_rs.Draft202012Validator(catalog.bundled().find(name).schema)


def _objects(value, path=()):
    """The paths of all objects inside."""
    if isinstance(value, dict):
        yield list(path)
        for key, child in value.items():
            yield from _objects(child, (*path, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _objects(child, (*path, index))

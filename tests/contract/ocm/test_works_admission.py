"""What the hub refuses of a work before any agent sees it."""

from __future__ import annotations

import json

import pytest

from ocm_works import config_map, refused

pytestmark = pytest.mark.ocm

_LIMIT = 500 * 1024


def _of_size(name, size):
    """A ConfigMap whose JSON has this many bytes, with the few that OCM adds for its length."""
    empty = config_map(name, {"v": "-"})
    length = len(json.dumps(empty, separators=(",", ":")))
    return config_map(name, {"v": "-" * (size - length + 1 - 4)})


def test_a_work_without_manifests(works):
    assert "manifests should not be empty" in refused(lambda: works.create("empty"))


def test_more_than_500_kib(works):
    said = refused(lambda: works.create("big", _of_size("one", _LIMIT // 2), _of_size("two", _LIMIT // 2 + 1)))
    assert f"the size of manifests is {_LIMIT + 1} bytes which exceeds the {_LIMIT} limit" in said


def test_just_500_kib_are_taken(works):
    assert works.create("big", _of_size("one", _LIMIT // 2), _of_size("two", _LIMIT // 2))


def test_the_same_object_twice(works):
    said = refused(lambda: works.create("twice", config_map("plan", {"v": "1"}), config_map("plan", {"v": "2"})))
    assert "duplicate manifest for resource default/plan with resource type v1.ConfigMap" in said


def test_a_manifest_without_a_name(works):
    manifest = config_map("plan")
    del manifest["metadata"]["name"]
    assert "name must be set in manifest" in refused(lambda: works.create("plan", manifest))


def test_a_manifest_with_a_generated_name(works):
    manifest = config_map("plan")
    manifest["metadata"]["generateName"] = "plan-"
    assert "generateName must not be set in manifest" in refused(lambda: works.create("plan", manifest))


def test_changes_are_checked_too(works):
    works.create("plan", config_map("plan"))
    assert "manifests should not be empty" in refused(lambda: works.change("plan", workload={"manifests": []}))

"""Snapshots: what is saved is what is read, and a bad file is told in one sentence."""

from __future__ import annotations

import json

import pytest

from covey_cli.errors import UserError
from covey_cli.preview import snapshot
from covey_cli.preview.snapshot import from_file, save, small, world_of
from covey_core.reading.limits import Limits
from placements import binding, cluster, cluster_set, scores

OBJECTS = [cluster("b"), cluster_set("default"), binding("default"), cluster("a"), scores("a", "covey", rows=3)]


@pytest.mark.parametrize("name", ["hub.yaml", "hub.json"])
def test_a_saved_snapshot_is_read_back_whole_and_sorted(tmp_path, name):
    path = tmp_path / name
    save(path, [small(one) for one in OBJECTS])
    assert path.read_bytes().startswith(b"{") is name.endswith("json")
    read = from_file(path)
    assert world_of(read, "x") == world_of(OBJECTS, "x")
    keys = [(one["kind"], one["metadata"]["name"]) for one in read]
    assert keys == sorted(keys)
    assert [one.name for one in tmp_path.iterdir()] == [name], "nothing else is left there"
    save(path, reversed(read))
    assert from_file(path) == read


def test_kubectl_s_lists_and_documents_are_read(tmp_path):
    path = tmp_path / "hub.yaml"
    items = [{key: value for key, value in one.items() if key not in {"kind", "apiVersion"}} for one in OBJECTS[:1]]
    named = {"apiVersion": "cluster.open-cluster-management.io/v1", "kind": "ManagedClusterList", "items": items}
    whole = {"apiVersion": "v1", "kind": "List", "items": [named, *OBJECTS[1:3]]}
    path.write_text(f"{json.dumps(whole)}")
    assert [one["kind"] for one in from_file(path)] == [
        "ManagedCluster",
        "ManagedClusterSet",
        "ManagedClusterSetBinding",
    ]
    path.write_text("---\n" + "\n---\n".join(json.dumps(one) for one in OBJECTS))
    assert len(from_file(path)) == 5


def test_bookkeeping_and_addresses_are_not_saved():
    one = cluster("a", spec={"managedClusterClientConfigs": [{"url": "https://internal.example"}]})
    one["metadata"] |= {
        "uid": "1",
        "managedFields": [{}],
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "kept": "yes"},
    }
    kept = small(one)
    assert "internal.example" not in json.dumps(kept)
    assert set(kept["metadata"]) == {"name", "labels", "annotations"}
    assert kept["metadata"]["annotations"] == {"kept": "yes"}
    assert world_of([kept], "x").clusters["a"].labels == world_of([one], "x").clusters["a"].labels
    assert "managedClusterClientConfigs" in one["spec"], "the object itself stays as it is"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no ManagedCluster."),
        ("kind: List\nitems: []\n", "holds no ManagedCluster."),
        ("{", "is no JSON"),
        ("a: [", "can't be read at"),
        ('{"kind": "List", "items": [3]}', "holds something that is no Kubernetes object."),
    ],
)
def test_a_file_that_is_no_snapshot_is_told_with_how_to_make_one(tmp_path, text, message):
    path = tmp_path / "hub.yaml"
    path.write_text(text)
    with pytest.raises(UserError) as caught:
        from_file(path)
    assert message in caught.value.message
    assert caught.value.hint


def test_a_missing_file_and_a_missing_folder_are_told(tmp_path):
    with pytest.raises(UserError, match="Can't read"):
        from_file(tmp_path / "gone.yaml")
    with pytest.raises(UserError, match="There is no folder"):
        save(tmp_path / "gone/hub.yaml", OBJECTS)


def test_a_snapshot_too_large_for_yaml_is_told_to_be_json(tmp_path, monkeypatch):
    monkeypatch.setattr(snapshot, "LENIENT", Limits(size=100, depth=9, nodes=9, documents=9))
    with pytest.raises(UserError, match="too much for a snapshot in YAML") as caught:
        save(tmp_path / "hub.yaml", OBJECTS)
    assert "--save hub.json" in caught.value.hint
    save(tmp_path / "hub.json", OBJECTS)
    assert len(from_file(tmp_path / "hub.json")) == 5
    (tmp_path / "hub.yaml").write_text("x: y\n" * 50)
    with pytest.raises(UserError, match="too large for YAML"):
        from_file(tmp_path / "hub.yaml")


def test_an_object_that_cannot_be_understood_is_named():
    odd = cluster("a")
    odd["spec"]["taints"] = "none"
    with pytest.raises(UserError, match=r"The snapshot x can't be used: ManagedCluster a: taints must be a list\."):
        world_of([odd], "The snapshot x")

from __future__ import annotations

import hashlib
import json
import os
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from covey_cli.errors import UserError
from covey_cli.local_run.model_files import collect
from covey_core.launch import checkpoint
from covey_core.launch.checkpoint import Record
from covey_runtimes.launch import disk
from result_runs import START, facts

if TYPE_CHECKING:
    from pathlib import Path

FILES = {"arrays.npz": b"neutral", "own/best.bin": b"its own", "own/empty": b""}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """What a launcher leaves of the run of `facts()`, which ended 20 seconds after its start."""
    folder = tmp_path / "run/aggregator/state/runs/1"
    for name, data in FILES.items():
        (folder / "model" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "model" / name).write_bytes(data)
    _seal(folder)
    return folder


def _seal(folder: Path, *, uid: str = "0001", **more: str) -> None:
    files = {**disk.seal(folder / "model"), **more}
    record = Record(contract=1, run_uid=uid, inputs_digest="sha256:1", round=3, files=files)
    (folder / "result.json").write_bytes(checkpoint.encode(record))
    os.utime(folder / "result.json", (START + 20, START + 20))


def _provenance(folder: Path) -> dict:
    return json.loads((folder / "model/provenance.json").read_text())


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_the_model_is_copied_and_described(source: Path, tmp_path: Path) -> None:
    found = collect(tmp_path / "run", source, facts())
    assert [(one.file, one.format, one.digest, one.bytes) for one in found] == [
        ("model/arrays.npz", "NumPy arrays", f"sha256:{_sha(b'neutral')}", 7),
        ("model/own/best.bin", "flower's own format", f"sha256:{_sha(b'its own')}", 7),
        ("model/own/empty", "flower's own format", f"sha256:{_sha(b'')}", 0),
    ]
    for name, data in FILES.items():
        copy = tmp_path / "run/model" / name
        assert copy.read_bytes() == data
        assert stat.S_IMODE(copy.stat().st_mode) == 0o644
    written = {path.relative_to(tmp_path / "run/model").as_posix() for path in (tmp_path / "run/model").rglob("*")}
    assert written == {*FILES, "own", "provenance.json"}


def test_its_provenance_is_an_in_toto_statement_with_slsa_s_predicate(source: Path, tmp_path: Path) -> None:
    data = tmp_path / "run/site-1/data"
    data.mkdir(parents=True)
    (data / "train.npz").write_bytes(b"samples")
    collect(tmp_path / "run", source, facts(spec_digest="sha256:5bec", app_digest="sha256:a99", runtime_version="1.41"))
    value = _provenance(tmp_path / "run")
    assert value["_type"] == "https://in-toto.io/Statement/v1"
    assert value["predicateType"] == "https://slsa.dev/provenance/v1"
    assert value["subject"][0] == {"name": "model/arrays.npz", "digest": {"sha256": _sha(b"neutral")}}
    assert [one["name"] for one in value["subject"]] == [f"model/{name}" for name in FILES]
    build, details = value["predicate"]["buildDefinition"], value["predicate"]["runDetails"]
    assert build["externalParameters"] == {
        "namespace": "vision",
        "job": "digits",
        "number": 1,
        "runtime": "flower",
        "rounds": 3,
        "minimum": 2,
        "data": {"name": "digits", "split": "iid", "seed": 7},
    }
    assert build["internalParameters"]["finishedRounds"] == 3
    assert build["internalParameters"]["collaborators"][1] == {
        "name": "site-2",
        "samples": 50,
        "counts": {"cat": 10, "dog": 40},
    }
    assert build["resolvedDependencies"] == [
        {"name": "spec", "digest": {"sha256": "5bec"}},
        {"name": "app", "digest": {"sha256": "a99"}},
        {
            "name": "site-1/data/train.npz",
            "digest": {"sha256": _sha(b"samples")},
            "annotations": {"source": "scikit-learn"},
        },
    ]
    assert details["builder"]["version"] == {"covey": "0.1.0", "flower": "1.41"}
    assert details["metadata"] == {
        "invocationId": "0001",
        "startedOn": "2026-11-18T11:06:40Z",
        "finishedOn": "2026-11-18T11:07:00Z",
    }


def test_a_run_of_which_little_is_known_has_a_provenance_too(source: Path, tmp_path: Path) -> None:
    collect(tmp_path / "run", source, replace(facts(), data=None, members=()))
    build = _provenance(tmp_path / "run")["predicate"]["buildDefinition"]
    assert build["resolvedDependencies"] == []
    assert build["externalParameters"]["data"] is None


def test_collecting_again_gives_the_same_bytes(source: Path, tmp_path: Path) -> None:
    first = collect(tmp_path / "run", source, facts())
    said = (tmp_path / "run/model/provenance.json").read_bytes()
    assert collect(tmp_path / "run", source, facts()) == first
    assert (tmp_path / "run/model/provenance.json").read_bytes() == said


def test_a_changed_file_is_refused_and_nothing_is_copied(source: Path, tmp_path: Path) -> None:
    (source / "model/own/best.bin").write_bytes(b"another")
    with pytest.raises(UserError) as refused:
        collect(tmp_path / "run", source, facts())
    path = source / "model/own/best.bin"
    assert refused.value.message.startswith(f"{path} is not the file that the training left: result.json says sha256:")
    assert not (tmp_path / "run/model").exists()


@pytest.mark.parametrize("how", ["missing", "link", "folder", "pipe"])
def test_what_is_no_file_is_not_copied(how: str, source: Path, tmp_path: Path) -> None:
    path = source / "model/arrays.npz"
    path.unlink()
    if how == "link":
        path.symlink_to("own/best.bin")
    if how == "folder":
        path.mkdir()
    if how == "pipe":
        os.mkfifo(path)
    with pytest.raises(UserError, match=r"/arrays.npz is not there, though result.json names it\.$"):
        collect(tmp_path / "run", source, facts())
    assert not (tmp_path / "run/model").exists()


@pytest.mark.parametrize("name", ["../result.json", "/etc/hostname", "own/../../LATEST"])
def test_a_name_that_leads_elsewhere_is_refused(name: str, source: Path, tmp_path: Path) -> None:
    _seal(source, **{name: f"sha256:{_sha(b'')}"})
    with pytest.raises(UserError, match=r"leads outside"):
        collect(tmp_path / "run", source, facts())
    assert not (tmp_path / "run/model").exists()


def test_another_run_s_model_is_refused(source: Path, tmp_path: Path) -> None:
    _seal(source, uid="0002")
    with pytest.raises(UserError, match=r"/result.json belongs to the run 0002, not to 0001\.$"):
        collect(tmp_path / "run", source, facts())


def test_a_damaged_record_is_told(source: Path, tmp_path: Path) -> None:
    (source / "result.json").write_text("{}")
    with pytest.raises(UserError, match=r"/result.json is damaged"):
        collect(tmp_path / "run", source, facts())
    (source / "result.json").unlink()
    with pytest.raises(UserError, match=r"Can't read .*/result.json: it does not exist\.$"):
        collect(tmp_path / "run", source, facts())


def test_an_app_s_own_provenance_is_not_overwritten(source: Path, tmp_path: Path) -> None:
    (source / "model/provenance.json").write_text("{}")
    _seal(source)
    with pytest.raises(UserError, match=r"/result.json names a file provenance.json"):
        collect(tmp_path / "run", source, facts())

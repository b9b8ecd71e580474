from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.datasets import load_digits

from covey_cli.errors import UserError
from covey_cli.local_run import samples
from covey_cli.local_run.partitions import Split, split

if TYPE_CHECKING:
    from pathlib import Path

SITES = ("site-1", "site-2", "site-3")


def _plan(text: str = "iid", *, seed: int = 7, sites: tuple[str, ...] = SITES) -> samples.Plan:
    return samples.plan(samples.load("digits"), sites, how=Split.parse(text), seed=seed)


def _files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_digits_are_those_that_scikit_learn_loads() -> None:
    found, told = samples.load("digits"), load_digits()
    np.testing.assert_array_equal(found.x, (told.images / 16).astype(np.float32))
    np.testing.assert_array_equal(found.y, told.target)
    assert found.classes == tuple(map(str, told.target_names))


def test_digits_that_are_lost_or_broken_are_told_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "_DIGITS", tmp_path / "digits.csv.gz")
    with pytest.raises(UserError, match=r"can't be read from scikit-learn 1\..*No such file"):
        samples.load("digits")
    packed = gzip.compress(b"0,5,no number\n")
    for content, said in (
        (b"no archive", "Not a gzipped file"),
        (packed[:12], "ended before"),
        (packed, "could not convert"),
    ):
        (tmp_path / "digits.csv.gz").write_bytes(content)
        with pytest.raises(UserError, match=rf"can't be read from scikit-learn 1\..*{said}"):
            samples.load("digits")


def test_digits_are_written_once_each_with_a_part_for_the_hub(tmp_path: Path) -> None:
    samples.write(tmp_path, _plan("dirichlet:0.5"), hub="aggregator")
    parts = [np.load(tmp_path / site / "data/train.npz") for site in SITES]
    aside = np.load(tmp_path / "aggregator/data/test.npz")
    rows = [row.tobytes() for part in (*parts, aside) for row in part["x"]]
    assert sorted(rows) == sorted(row.tobytes() for row in samples.load("digits").x)
    assert len(aside["y"]) == pytest.approx(0.2 * 1797, abs=5)
    assert set(aside["y"].tolist()) == set(range(10))


def test_what_stands_beside_the_arrays_is_true(tmp_path: Path) -> None:
    samples.write(tmp_path, _plan("by-class"), hub="aggregator")
    for name, part, file in (("site-2", "train", "train.npz"), ("aggregator", "test", "test.npz")):
        arrays = np.load(tmp_path / name / "data" / file)
        said = json.loads((tmp_path / name / "data/data.json").read_text())
        assert said["holder"] == name
        assert said["part"] == part
        assert said["samples"] == len(arrays["y"]) == sum(said["counts"].values())
        assert said["arrays"]["x"] == {"shape": list(arrays["x"].shape), "type": "float32"}
        assert said["counts"] == {str(digit): int((arrays["y"] == digit).sum()) for digit in range(10)}
        assert said["split"] == {"method": "by-class", "seed": 7, "collaborators": 3}


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    for folder, seed in (("a", 7), ("b", 7), ("c", 8)):
        (tmp_path / folder).mkdir()
        samples.write(tmp_path / folder, _plan("dirichlet:0.3", seed=seed), hub="aggregator")
    assert _files(tmp_path / "a") == _files(tmp_path / "b")
    assert _files(tmp_path / "a")["site-1/data/train.npz"] != _files(tmp_path / "c")["site-1/data/train.npz"]


def test_a_small_alpha_makes_collaborators_differ_more() -> None:
    def unlike(text: str) -> float:
        planned = _plan(text)
        shares = [
            list(planned.samples.counts(part).values()) / np.float64(len(part)) for part in planned.parts.values()
        ]
        return float(np.std(shares, axis=0).mean())

    assert unlike("dirichlet:0.1") > 3 * unlike("dirichlet:100") > unlike("iid")


def test_one_file_that_cannot_be_written_leaves_none(tmp_path: Path) -> None:
    (tmp_path / "site-3").write_text("in the way")
    with pytest.raises(UserError, match="stands where Covey needs a folder"):
        samples.write(tmp_path, _plan(), hub="aggregator")
    assert list(_files(tmp_path)) == ["site-3"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("idd", "There is no split 'idd'. Did you mean 'iid'?"),
        ("iid:3", "The split 'iid' takes no number, but 'iid:3' has one."),
        ("dirichlet:0", "The alpha of a Dirichlet split is a number from 0.001 to 1e+06, not '0'."),
        ("dirichlet:nan", "The alpha of a Dirichlet split is a number from 0.001 to 1e+06, not 'nan'."),
        ("dirichlet:many", "The alpha of a Dirichlet split is a number from 0.001 to 1e+06, not 'many'."),
    ],
)
def test_a_split_that_is_none_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(UserError) as refused:
        Split.parse(text)
    assert refused.value.message == sentence


def test_more_collaborators_than_samples_or_classes_are_refused() -> None:
    with pytest.raises(UserError, match="3 samples are too few for 4 collaborators"):
        split(np.array([0, 1, 2]), 4, how=Split("iid"), seed=0)
    with pytest.raises(UserError, match="10 classes are too few to give each of 11 collaborators its own"):
        _plan("by-class", sites=tuple(f"site-{number}" for number in range(11)))
    with pytest.raises(UserError, match="0 collaborators"):
        split(np.array([0, 1, 2]), 0, how=Split("iid"), seed=0)


def test_a_data_set_that_nobody_ships_is_refused_with_a_suggestion() -> None:
    with pytest.raises(UserError, match=r"ships the data set 'digit'. Did you mean 'digits'"):
        samples.load("digit")

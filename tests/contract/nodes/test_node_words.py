"""The small rules by which a node reads a Pod."""

from __future__ import annotations

import os
from decimal import Decimal
from os import ftruncate as truncate

import pytest

from controlplane.node.atomic import write, write_over
from controlplane.node.environment import expanded
from controlplane.node.fields import field
from controlplane.node.payloads import File
from controlplane.node.quantities import divided, number
from controlplane.node.specs import RefusedError, _inside


@pytest.mark.parametrize(
    ("text", "amount"),
    [("2", "2"), ("100m", "0.1"), ("1Ki", "1024"), ("1k", "1000"), ("2Gi", str(2 * 1024**3)), ("1e3", "1000")],
)
def test_quantities_are_numbers(text, amount):
    assert number(text) == Decimal(amount)


def test_the_downward_api_rounds_up():
    assert divided("100m", "1") == "1"
    assert divided("100m", "1m") == "100"
    assert divided("1Gi", "1Mi") == "1024"


@pytest.mark.parametrize(
    ("text", "value"),
    [("$(A)", "1"), ("$$(A)", "$(A)"), ("$(B)", "$(B)"), ("a$b", "a$b"), ("$$$(A)", "$1"), ("x$(A)y$(A)", "x1y1")],
)
def test_references_are_expanded_as_kubernetes_does(text, value):
    assert expanded(text, {"A": "1"}) == value


def test_labels_are_quoted_in_files():
    pod = {"metadata": {"annotations": {"b": 'say "x"', "a": "1\n2"}}}
    assert field(pod, "metadata.annotations") == 'a="1\\n2"\nb="say \\"x\\""'


def test_files_of_a_volume_change_all_at_once_and_old_ones_go(tmp_path):
    assert write(tmp_path, {"a": File(b"1", 0o644), "d/b": File(b"2", 0o600)}, group=None)
    before = (tmp_path / "..data").readlink()
    assert not write(tmp_path, {"a": File(b"1", 0o644), "d/b": File(b"2", 0o600)}, group=None)
    assert write(tmp_path, {"a": File(b"3", 0o644)}, group=None)
    assert (tmp_path / "a").read_bytes() == b"3"
    assert not (tmp_path / "d").is_symlink()
    assert not (tmp_path / before).exists()


def test_a_sub_path_does_not_lead_out_of_its_volume(tmp_path):
    (tmp_path / "volume").mkdir()
    (tmp_path / "volume/out").symlink_to("..")
    with pytest.raises(RefusedError, match="leads out"):
        _inside(tmp_path / "volume", "out")


def test_a_mounted_file_stays_the_same_one_and_is_never_empty(tmp_path, monkeypatch):
    file, seen = tmp_path / "hosts", []
    assert write_over(file, "one\ntwo\nthree\n")
    node = file.stat().st_ino
    monkeypatch.setattr(os, "ftruncate", lambda fd, size: (seen.append(file.read_text()), truncate(fd, size)))
    assert write_over(file, "four\n")
    assert write_over(file, "four\nfive\nsix\nseven\n")
    assert [text.split() for text in seen] == [["four"], ["four", "five", "six", "seven"]]
    assert file.read_text() == "four\nfive\nsix\nseven\n"
    assert file.stat().st_ino == node


def test_a_mounted_file_is_not_touched_when_it_says_the_same(tmp_path):
    file = tmp_path / "hosts"
    write_over(file, "one\n")
    os.utime(file, (1, 1))
    assert not write_over(file, "one\n")
    assert file.stat().st_mtime == 1

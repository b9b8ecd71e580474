"""Size, depth and number of values are limited before they can do harm."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest

from covey_core.reading import read
from covey_core.reading.limits import LENIENT, STRICT


def rules(data: bytes, *, strict: bool = False) -> list[str]:
    return [found.rule for found in read("f", data, strict=strict).findings]


def test_a_file_at_the_size_limit_is_read_and_a_byte_more_refused() -> None:
    filler = b"# " + b"x" * (STRICT.size - 8) + b"\n"
    assert rules(filler + b"a: 1\n", strict=True) == []
    (found,) = read("f", filler + b"a: 1 \n", strict=True).findings
    assert (found.rule, found.message) == ("yaml/too-large", "The file has 1.0 MiB; at most 1 MiB are read.")
    assert rules(b" " * (LENIENT.size + 1)) == ["yaml/too-large"]


@pytest.mark.parametrize(
    ("before", "opening", "closing"),
    [("a: ", "[", "]"), ("a: ", "{b: ", "}"), ('{"a": ', "[", "]"), ('{"a": ', '{"b":', "}")],
)
def test_a_hundred_levels_are_read_and_one_more_refused(before: str, opening: str, closing: str) -> None:
    end = "}" if before.startswith("{") else ""
    for levels, expected in ((99, []), (100, ["yaml/too-deep"]), (3000, ["yaml/too-deep"])):
        text = before + opening * levels + "1" + closing * levels + end
        assert rules(text.encode()) == expected, levels


@pytest.mark.parametrize("levels", [150, 1200])
def test_deep_blocks_are_refused(levels: int) -> None:
    assert rules("".join(" " * level + "a:\n" for level in range(levels)).encode()) == ["yaml/too-deep"]
    assert rules(b"a:\n " + b"- " * levels + b"x\n") == ["yaml/too-deep"]
    assert rules(b"a:\n " + b"? " * levels + b"x\n") == ["yaml/too-deep"]


def test_unclosed_brackets_by_the_thousand_are_refused() -> None:
    assert rules(b"a: " + b"[" * 100_000) == ["yaml/too-deep"]
    assert rules(b'{"a": ' + b'{"b": ' * 100_000) == ["yaml/too-deep"]


def test_too_many_values_are_refused() -> None:
    assert rules(b"a:\n" + b"- 1\n" * 49_990, strict=True) == []
    assert rules(b"a:\n" + b"- 1\n" * 50_000, strict=True) == ["yaml/too-many-nodes"]


def test_too_many_documents_are_refused() -> None:
    assert rules(b"---\n" * 150, strict=True) == ["yaml/too-many-documents"]
    assert rules(b"---\n" * 150) == []
    assert rules(b"---\n" * 200_002) == ["yaml/too-many-documents"]


def test_aliases_count_each_time_they_are_used() -> None:
    names = "abcdefghij"
    bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{name}: &{name} [{','.join([f'*{before}'] * 10)}]\n" for before, name in pairwise(names)
    )
    began = time.perf_counter()
    assert rules(bomb.encode()) == ["yaml/too-many-nodes"]
    assert time.perf_counter() - began < 1


def test_merge_keys_count_too() -> None:
    names = "abcdefghijklmnopqrstuvw"
    text = "a: &a {x: {y1: 1}, z: {y1: 2}}\n" + "".join(
        f"{name}: &{name} {{<<: *{before}, l: *{before}, r: *{before}}}\n" for before, name in pairwise(names)
    )
    assert rules(text.encode()) == ["yaml/too-many-nodes"]


def test_aliases_add_up_to_a_depth() -> None:
    inner, outer = "[" * 60 + "]" * 60, "[" * 60 + "*a" + "]" * 60
    assert rules(f"a: &a {inner}\nb: {outer}\n".encode()) == ["yaml/too-deep"]


def test_long_runs_take_no_long_time() -> None:
    began = time.perf_counter()
    for unit in (
        b" ",
        b"\n",
        b"# ",
        b"\t",
        b"-",
        b"- ",
        b":",
        b"a: \n",
        b"1_",
        b"0",
        b"{,",
        b"---\n",
        b"...\n",
        b"'",
        b"\\/",
    ):
        read("f", unit * 20_000 + b"x", strict=False)
    assert time.perf_counter() - began < 5


def test_very_long_numbers_are_what_kubectl_reads() -> None:
    assert rules(b"a: " + b"1" * 300 + b"\n") == ["yaml/number"]
    assert rules(b"a: 0." + b"1" * 5000 + b"\n") == []
    (document,) = read("f", b"a: " + b"1" * 5000 + b"\n", strict=False).documents
    assert document.value == {"a": "1" * 5000}

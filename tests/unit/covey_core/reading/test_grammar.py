"""What YAML 1.2 and kubectl's grammar take in two ways is found; the common forms are not."""

from __future__ import annotations

import pytest

from covey_core.reading import read
from covey_core.reading.fast import IN_DOUBT, read_chunk
from covey_core.reading.limits import LENIENT

SURE = [
    "a: [b, c]",
    "a: [get, 'list', \"watch\"]  # verbs",
    'args: ["--listen", ":8080", "a, [b]"]',
    "a: {b: c, d: [e], f: {g: 80}}",
    "a:\n- {drop: [ALL]}\n- [b]",
    'a: \'{"b":{"c":1},"d":["e"]}\'',
    "a: []\nb: {}",
    "a: see [b] (c, {d})",
    "a: |\n  b [ c\n  d",
]
UNSURE = [
    "a: {{ b }}",
    "a: [{{ b }}]",
    "a: {[b]: c}",
    "a: {b: c, {d: e}}",
    "[a]: b",
    "{}: a",
    "a: [:b]",
    "a: {?b}",
    "a: [b:]",
    "a: [b,\n c]",
    "a: [b\n, c]",
    "a: [b, [c]\n]",
    'a: ["\\n"]',
    'a: ["b\n  c"]',
    "a: &:b c",
    "a: |\n\nb: c",
    'a: "\\ud83d\\ude00"',
]


@pytest.mark.parametrize("text", SURE)
def test_what_both_grammars_take_alike_is_read_fast(text: str) -> None:
    value = read_chunk(text + "\n", LENIENT, json_file=False)
    assert [value] == [document.value for document in read("f", f"{text}\n# &a\n".encode(), strict=False).documents]


@pytest.mark.parametrize("text", UNSURE)
def test_what_they_could_take_in_two_ways_is_left_to_the_precise_reader(text: str) -> None:
    assert read_chunk(text + "\n", LENIENT, json_file=False) is IN_DOUBT


@pytest.mark.parametrize("sign", ["- ", "? ", "-\t", "- - ", " ", "[", "{a: ", "- a:\n"])
@pytest.mark.parametrize("times", [150, 100_000])
def test_no_depth_brings_the_process_down(sign: str, times: int) -> None:
    text = sign * times if "\n" not in sign else "".join("  " * depth + sign for depth in range(times // 30))
    assert read("f", text.encode(), strict=False).documents == ()

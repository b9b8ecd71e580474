"""Reading never raises, loses nothing of what we write, and its fast half never disagrees with its precise half."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
import ryaml
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from covey_core.documents import Document
from covey_core.manifests import to_yaml
from covey_core.pointers import join
from covey_core.reading import key_position_of, position_of, read
from covey_core.reading.chunks import Chunk, documents_of
from covey_core.reading.fast import IN_DOUBT, read_chunk
from covey_core.reading.limits import LENIENT
from covey_core.reading.precise import read_chunk as read_precisely
from property.strategies import BARRED
from property.yaml_texts import nearly_yaml

if TYPE_CHECKING:
    from covey_core.findings import Position

SCALARS = (Path(__file__).parents[1] / "cases/yaml-traps/scalars.txt").read_text(encoding="utf-8").splitlines()
SIGNS = [
    *":?-!*&@%`#|>{}[],",
    "--",
    "---",
    "...",
    "|-",
    ">-",
    "&a",
    "*a",
    "!!str",
    "#c",
    "\t",
    "\r",
    "\ufeff",
    "\u2028",
]
PARTS = [
    "a",
    "b",
    "'a'",
    '"b"',
    r'"\/"',
    "{a:1}",
    "[a,b]",
    "{1}",
    "a:",
    "'a':",
    '"a":',
    '"a":1',
    '"a":*a',
    "*a:",
    "1:",
    "~:",
]

text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=BARRED), max_size=20)
tricky = st.sampled_from([*SCALARS, *SIGNS, *PARTS])
scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | text | tricky
scalars |= st.floats(allow_nan=False, allow_infinity=False)
keys = text | tricky
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4))
objects = st.dictionaries(keys, values, min_size=1, max_size=4)

lines = st.tuples(st.sampled_from(["", "  ", "    ", "- ", "  - ", "a: ", "  b: ", "\t"]), st.lists(tricky, max_size=5))
texts = st.lists(lines.map(lambda line: line[0] + " ".join(line[1])), max_size=8).map(
    lambda all_: "\n".join(all_) + "\n"
)


def inside(position: Position, written: str) -> bool:
    rows = written.split("\n")
    return 1 <= position.line <= len(rows) and 1 <= position.column <= len(rows[position.line - 1]) + 1


def same(one: Any, other: Any) -> bool:
    """Equal, with booleans and numbers apart."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) is isinstance(other, bool) and one == other


@given(st.binary(max_size=200), st.booleans())
@example(data=b"\xff\xfe", strict=True)
@example(data=b"a: " + b"[" * 5000, strict=False)
@example(data=b"".join(b" " * depth + b"a:\n" for depth in range(1200)), strict=False)
@example(data=b"- " * 5000, strict=False)
@example(data=b"{a: " * 3000, strict=False)
@example(data=b'{"a":' * 3000, strict=False)
@example(data=b" " * 5000 + b"x", strict=False)
@example(data=b"# " * 5000 + b"\nx", strict=False)
def test_bytes_never_raise_and_findings_lie_within_them(data: bytes, strict: bool) -> None:
    for found in read("f", data, strict=strict).findings:
        assert inside(found.position, data.decode("utf-8-sig", "replace"))
        assert found.message
        assert found.hint


@settings(max_examples=500)
@given(texts, st.booleans())
def test_yaml_like_text_never_raises_and_findings_lie_within_it(written: str, strict: bool) -> None:
    reading = read("f", written.encode(), strict=strict)
    for found in reading.findings:
        assert inside(found.position, written.removeprefix("\ufeff"))
    for document in reading.documents:
        for key in document.value:
            assert inside(position_of(document, join([key])), document.text)


@settings(max_examples=1000)
@given(texts)
def test_the_fast_reader_agrees_with_the_precise_one_wherever_it_answers(written: str) -> None:
    fast = read_chunk(written, LENIENT, json_file=False)
    if fast is not IN_DOUBT:
        precise = read_precisely("f", Chunk(written, 1, ""), strict=True, limits=LENIENT)
        assert precise.findings == ()
        assert same(fast, precise.value)


@pytest.mark.parametrize("seed", range(4))
def test_the_fast_reader_agrees_with_the_precise_one_about_the_forms_of_yaml(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - not for secrets
    taken = 0
    for chunk in chain.from_iterable(documents_of(nearly_yaml(random)) for _ in range(5000)):
        fast = read_chunk(chunk.text, LENIENT, json_file=False)
        if isinstance(fast, dict):
            taken += 1
            precise = read_precisely("f", chunk, strict=True, limits=LENIENT)
            assert precise.findings == (), chunk.text
            assert same(fast, precise.value), chunk.text
            assert list(fast) == list(precise.value), chunk.text
    assert taken > 250


@settings(max_examples=300)
@given(objects, st.booleans())
def test_what_we_write_is_read_back_without_findings(value: dict[str, Any], strict: bool) -> None:
    written = to_yaml(value)
    reading = read("f", written.encode(), strict=strict)
    assert reading.findings == ()
    assert [document.value for document in reading.documents] == [value]
    assert same(reading.documents[0].value, value)
    assert same(yaml.safe_load(written), value)
    assert same(ryaml.loads(written), value)
    precise = read_precisely("f", Chunk(written, 1, ""), strict=True, limits=LENIENT)
    assert precise.findings == ()
    assert same(precise.value, value)


@given(objects)
def test_every_value_that_we_write_has_a_position_of_its_own(value: dict[str, Any]) -> None:
    document = Document("f", 0, value, to_yaml(value))
    seen: set[Position] = set()
    for path in _leaves(value, ()):
        position = position_of(document, join(path))
        assert inside(position, document.text)
        assert inside(key_position_of(document, join(path)), document.text)
        assert position not in seen
        seen.add(position)


def _leaves(value: Any, path: tuple[str | int, ...]) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict) and value:
        return [leaf for key, item in value.items() for leaf in _leaves(item, (*path, key))]
    if isinstance(value, list) and value:
        return [leaf for index, item in enumerate(value) for leaf in _leaves(item, (*path, index))]
    return [path]

"""Positions of values and keys, looked up after the reading."""

from __future__ import annotations

import pytest

from covey_core.documents import Document
from covey_core.findings import START, Position
from covey_core.reading import key_position_of, position_of, read

TEXT = """\
# a comment
apiVersion: v1
spec:
  a/b: {c~d: [1, {x: 2}], "e": 3}
  list:
  - one
  - name: two
    on: push
  text: |
    lines
---
# the second
kind: B
s: é\U0001f600 # x
t: "q"
"""


def document(index: int, text: str = TEXT) -> Document:
    return read("f", text.encode(), strict=False).documents[index]


@pytest.mark.parametrize(
    ("index", "pointer", "value", "key"),
    [
        (0, "", (2, 1), (2, 1)),
        (0, "/apiVersion", (2, 13), (2, 1)),
        (0, "/spec", (4, 3), (3, 1)),
        (0, "/spec/a~1b", (4, 8), (4, 3)),
        (0, "/spec/a~1b/c~0d", (4, 14), (4, 9)),
        (0, "/spec/a~1b/c~0d/1", (4, 18), (4, 18)),
        (0, "/spec/a~1b/c~0d/1/x", (4, 22), (4, 19)),
        (0, "/spec/a~1b/e", (4, 32), (4, 27)),
        (0, "/spec/list/0", (6, 5), (6, 5)),
        (0, "/spec/list/1/name", (7, 11), (7, 5)),
        (0, "/spec/list/1/true", (8, 9), (8, 5)),  # kubectl reads the key `on` so
        (0, "/spec/text", (9, 9), (9, 3)),
        (1, "", (13, 1), (13, 1)),
        (1, "/kind", (13, 7), (13, 1)),
        (1, "/s", (14, 4), (14, 1)),
        (1, "/t", (15, 4), (15, 1)),
    ],
)
def test_a_pointer_has_the_place_of_its_value_and_of_its_key(
    index: int,
    pointer: str,
    value: tuple[int, int],
    key: tuple[int, int],
) -> None:
    assert position_of(document(index), pointer) == Position(*value)
    assert key_position_of(document(index), pointer) == Position(*key)


@pytest.mark.parametrize("pointer", ["/spec/list/2", "/spec/list/x", "/spec/list/1x/y", "/spec/list/-"])
def test_what_is_absent_has_the_place_of_its_nearest_parent(pointer: str) -> None:
    assert position_of(document(0), pointer) == Position(6, 3)
    assert key_position_of(document(0), pointer) == Position(6, 3)


def test_an_absent_field_has_the_place_of_the_mapping() -> None:
    assert position_of(document(0), "/spec/nothing/more") == Position(4, 3)
    assert position_of(document(0), "/apiVersion/more") == Position(2, 13)


def test_a_merged_key_has_the_place_where_it_is_merged() -> None:
    merged = document(0, "a: &a {x: 1}\nb:\n  <<: *a\n  z: 2\nc: *a\n")
    assert position_of(merged, "/b/x") == Position(3, 7)
    assert position_of(merged, "/b/z") == Position(4, 6)
    assert position_of(merged, "/c/x") == Position(1, 11)


def test_of_double_keys_the_last_one_counts_as_for_kubectl() -> None:
    assert position_of(document(0, "a: 1\na: 2\n"), "/a") == Position(2, 4)


def test_columns_count_characters_after_a_byte_order_mark_and_with_crlf() -> None:
    windows = document(0, "\ufeffa: 1\r\n\r\nb:\r\n  c: 2\r\n")
    assert position_of(windows, "/a") == Position(1, 4)
    assert position_of(windows, "/b/c") == Position(4, 6)


def test_json_has_positions_even_where_yaml_has_no_such_escapes() -> None:
    text = '{\n\t"a": "\\ud83d\\ude00",\n\t"b": {"c": 1}\n}\n'
    assert document(0, text).value == {"a": "\U0001f600", "b": {"c": 1}}
    assert position_of(document(0, text), "/b/c") == Position(3, 13)


def test_keys_that_are_no_text_are_passed_by() -> None:
    odd = document(0, "? [b]\n: 1\n1.5: 2\n!!str 2: 3\nc: 4\n")
    assert position_of(odd, "/c") == Position(5, 4)
    assert position_of(odd, "/2") == Position(4, 10)
    assert position_of(odd, "/1.5") == Position(1, 1)


def test_a_text_that_is_no_yaml_has_the_place_of_its_first_line() -> None:
    assert position_of(Document("f", 1, {}, "a: 1\n---\nb: [\n"), "/b") == Position(3, 1)
    assert position_of(Document("f", 7, {}, "a: 1\n"), "/a") == START


def test_skipped_documents_do_not_shift_positions() -> None:
    (only,) = read("f", b"---\n# nothing\n---\n\n---\na: 1\n", strict=False).documents
    assert position_of(only, "/a") == Position(6, 4)

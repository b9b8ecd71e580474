"""What is read from YAML and JSON, where no finding is in the way."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from covey_core.reading import read
from covey_core.reading.doubts import doubtful


def value(text: str | bytes) -> Any:
    reading = read("f", text if isinstance(text, bytes) else text.encode(), strict=False)
    assert reading.findings == ()
    (document,) = reading.documents
    return document.value


def test_line_ends_and_byte_order_marks_do_not_matter() -> None:
    for text in ("a: |\n  b\n  c\nd: 1\n", "a: |\r\n  b\r\n  c\r\nd: 1\r\n", "\ufeffa: |\n  b\n  c\nd: 1"):
        assert value(text) == {"a": "b\nc\n", "d": 1}


def test_aliases_and_merge_keys_are_followed() -> None:
    text = "a: &a {x: 1, z: 2}\nb: *a\nc: {<<: *a, z: 3}\nd: {<<: [*a, {w: 4, x: 5}]}\n"
    expected = {
        "a": {"x": 1, "z": 2},
        "b": {"x": 1, "z": 2},
        "c": {"x": 1, "z": 3},
        "d": {"w": 4, "x": 1, "z": 2},
    }
    assert value(text) == expected


def test_an_alias_may_name_a_key() -> None:
    assert value("&k key: 1\nb: *k\nc: {*k : 2}\n") == {"key": 1, "b": "key", "c": {"key": 2}}


def test_standard_tags_are_followed_where_they_fit() -> None:
    text = "a: !!str 1\nb: !!int '3'\nc: !!bool yes\nd: !!map {!!str 1: !!seq []}\ne: !!float 2\n"
    assert value(text) == {"a": "1", "b": 3, "c": True, "d": {"1": []}, "e": 2}


def test_the_last_line_feed_of_a_block_is_kept_before_a_separator_and_at_the_end() -> None:
    reading = read("f", b"a: |\n  b\n---\na: |\n  b", strict=False)
    assert [document.value for document in reading.documents] == [{"a": "b\n"}, {"a": "b\n"}]


def test_json_is_read_as_json() -> None:
    text = '{"a": 1e3, "b": "\\ud83d\\ude00\\/", "c": "2001-01-01", "d": "1234567890123456789012", "e": 1E+100}'
    assert value(text) == {
        "a": 1000.0,
        "b": "\U0001f600/",
        "c": "2001-01-01",
        "d": "1234567890123456789012",
        "e": 1e100,
    }


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('{"a": 1, "a": 2}', "yaml/duplicate-key"),
        ('{"a": 9223372036854775808}', "yaml/number"),
        ('{"a": "\\ud83d"}', "yaml/syntax"),
        ('{"a": 1} {"b": 2}', "yaml/document-end"),
    ],
)
def test_json_that_readers_take_differently_is_refused(text: str, rule: str) -> None:
    assert [found.rule for found in read("f", text.encode(), strict=False).findings] == [rule]


@pytest.mark.parametrize(
    "text",
    [
        "a: web-01\nb: 10.0.0.1\nc: 1.2.3\nd: 500m\ne: 128Mi\nf: image:1.0\ng: 2024-01-01T00:00:00Z\n",
        "a: [get, list, 80]\nb: {c: true, d: null}\nnode-1: x\nyes-no: on-off\n",
        "a: |\n  if x && y; then z; fi\n  echo no more\nb: '*'\nc: \"&\"\n# it is on\n",
        "a:\n- 80\n- name: http\n  port: 8080\nb: -5\nc: 0\nd: 0.25\ne: ~\n",
    ],
)
def test_ordinary_manifests_are_beyond_doubt(text: str) -> None:
    assert not doubtful(text)
    assert value(text)


def test_clean_files_do_not_load_the_slow_parser() -> None:
    code = (
        "import sys; from covey_core.reading import read; read('f', b'a: 1', strict=True); "
        "assert 'yaml' not in sys.modules;"
        "read('f', b'a: yes', strict=True); assert 'yaml' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

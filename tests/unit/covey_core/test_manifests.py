"""Canonical YAML and JSON."""

from __future__ import annotations

import pytest
import ryaml
import yaml

from covey_core.manifests import canonical_json, digest, to_yaml

TRICKY = [
    "yes", "No", "on", "y", "N", "null", "~", "", " lead", "trail ", "1", "010", "0o7", "0x1f", "1_000", "1e3", ".inf",
    "nan", "2020-01-01", "1:30", "- x", "a: b", "a #b", "#", "&a", "*a", "!t", "|", ">", "%", "@x", "`x", "'q'", '"q"',
    'a"b\\c', "{a}", "[a]", "a\nb", "a\nb\n", "a\n\nb", "\n", "a\tb", "tab\n\tx", "é", "\u2028", "\x85", "\x07",
    "\ufeff", "😀", "\x1b\n", "é\n", "<<", "=", "x:", "?", "-", "---", "...", "k: |", "true", "TRUE", "x" * 300,
    " \n x", "a\r\nb",
]  # fmt: skip


@pytest.mark.parametrize("text", TRICKY)
@pytest.mark.parametrize("shape", [lambda t: {"k": t}, lambda t: [t], lambda t: {"k": [{"a": t}]}, lambda t: {t: "v"}])
def test_every_reader_sees_the_same_text(text, shape):
    written = to_yaml(shape(text))

    assert yaml.safe_load(written) == shape(text)
    assert ryaml.loads(written) == shape(text)


@pytest.mark.parametrize("number", [0, -1, 2**53, 0.5, 1e-05, 1e300, 1.5e-7, -0.0, 100.0])
def test_numbers_stay_numbers_for_yaml_1_1_readers(number):
    read = yaml.safe_load(to_yaml({"n": number}))["n"]

    assert read == number
    assert type(read) is type(number)


@pytest.mark.parametrize("value", [True, False, None, {}, [], {"a": {}}, [[]], [[1], [[2, 3]], {"a": [[4]]}]])
def test_shapes_survive(value):
    assert yaml.safe_load(to_yaml({"v": value})) == {"v": value}


def test_what_names_a_thing_comes_first():
    text = to_yaml({"spec": 1, "metadata": {"labels": {}, "name": "x"}, "kind": "K", "apiVersion": "v1"})

    assert text == "apiVersion: v1\nkind: K\nmetadata:\n  name: x\n  labels: {}\nspec: 1\n"


def test_the_order_of_keys_does_not_matter():
    assert to_yaml({"b": 1, "a": 2}) == to_yaml({"a": 2, "b": 1})
    assert digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1})


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_json_cannot_hold_are_refused(number):
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json({"n": number})
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_yaml({"n": number})


def test_a_value_without_a_type_in_json_is_refused():
    with pytest.raises(TypeError, match="can't hold a bytes"):
        to_yaml({"n": b"x"})


def test_a_digest_names_its_algorithm():
    assert digest({}) == "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"

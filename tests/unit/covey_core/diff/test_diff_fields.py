"""Field changes: by pointer, lists by what names their items."""

from __future__ import annotations

from typing import Any

import pytest

from covey_core.diff import ABSENT, FieldChange, compare_values


def changes(old: Any, new: Any) -> list[tuple[str, Any, Any]]:
    return [(change.pointer, change.old, change.new) for change in compare_values(old, new)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param({"a": 1}, {"a": 1}, [], id="the same is no change"),
        pytest.param({"a": 1, "b": 2}, {"b": 2, "a": 1}, [], id="the order of fields is no change"),
        pytest.param({"a": 1}, {"a": 2}, [("/a", 1, 2)], id="a value"),
        pytest.param({"a": 1}, {"a": True}, [("/a", 1, True)], id="one is not true"),
        pytest.param({"a": 1}, {"a": 1.0}, [], id="JSON has one kind of number"),
        pytest.param({"a": {"b/c": 1}}, {"a": {}}, [("/a/b~1c", 1, ABSENT)], id="a field goes, its name escaped"),
        pytest.param({}, {"a": {"b": 1}}, [("/a", ABSENT, {"b": 1})], id="a whole part comes"),
        pytest.param({"a": None}, {}, [("/a", None, ABSENT)], id="null is not absent"),
        pytest.param(
            {"l": [{"name": "x", "v": 1}, {"name": "y", "v": 1}]},
            {"l": [{"name": "y", "v": 2}]},
            [("/l/[name=x]", {"name": "x", "v": 1}, ABSENT), ("/l/[name=y]/v", 1, 2)],
            id="items by name",
        ),
        pytest.param(
            {"l": [{"kind": "A", "metadata": {"name": "n"}, "v": 1}]},
            {"l": [{"kind": "A", "metadata": {"name": "n"}, "v": 2}]},
            [("/l/[A n]/v", 1, 2)],
            id="objects inside objects by kind and name",
        ),
        pytest.param(
            {"l": ["a", "b"]},
            {"l": ["b", "c"]},
            [("/l/[a]", "a", ABSENT), ("/l/[c]", ABSENT, "c")],
            id="words as a set",
        ),
        pytest.param(
            {"l": [{"name": "x"}, {"name": "y"}]},
            {"l": [{"name": "y"}, {"name": "x"}]},
            [("/l/[order]", ["[name=x]", "[name=y]"], ["[name=y]", "[name=x]"])],
            id="another order alone is a change",
        ),
        pytest.param(
            {"l": [[1], [2]]},
            {"l": [[1], [3]]},
            [("/l/1/[2]", 2, ABSENT), ("/l/1/[3]", ABSENT, 3)],
            id="lists in lists by place",
        ),
        pytest.param({"l": ["a", "a"]}, {"l": ["a"]}, [("/l/1", "a", ABSENT)], id="doubles by place"),
        pytest.param({"l": [1, "1"]}, {"l": [1, "2"]}, [("/l/1", "1", "2")], id="names that look alike, by place"),
        pytest.param({"a": '{"b":1,"c":2}'}, {"a": '{"b":1,"c":3}'}, [("/a/c", 2, 3)], id="JSON in text"),
        pytest.param({"a": '{"b":1}'}, {"a": '{"b": 1}'}, [("/a", '{"b":1}', '{"b": 1}')], id="JSON written otherwise"),
        pytest.param({"a": "{x"}, {"a": "{y"}, [("/a", "{x", "{y")], id="text that is no JSON"),
        pytest.param({"a": [1]}, {"a": {"b": 1}}, [("/a", [1], {"b": 1})], id="another type"),
    ],
)
def test_what_changes(old: Any, new: Any, expected: list[tuple[str, Any, Any]]) -> None:
    assert changes(old, new) == expected


def test_the_same_change_is_equal() -> None:
    assert list(compare_values({"a": 1}, {})) == [FieldChange("/a", 1, ABSENT)]

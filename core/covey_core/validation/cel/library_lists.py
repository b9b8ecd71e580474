"""Kubernetes' functions on lists and sets."""

from __future__ import annotations

from itertools import pairwise
from typing import Any


def _same(left: Any, right: Any) -> bool:
    """CEL's equality: numbers compare across types, true is not 1."""
    if isinstance(left, bool) is not isinstance(right, bool):
        return False
    return bool(left == right)


def _holds(items: list[Any], item: Any) -> bool:
    return any(_same(item, other) for other in items)


def _first(items: list[Any], item: Any) -> int:
    return next((index for index, other in enumerate(items) if _same(item, other)), -1)


def _last(items: list[Any], item: Any) -> int:
    return next((index for index in range(len(items) - 1, -1, -1) if _same(item, items[index])), -1)


def _sorted(items: list[Any]) -> bool:
    return all(not right < left for left, right in pairwise(items))


def _extreme(items: list[Any], *, largest: bool) -> Any:
    if not items:
        raise ValueError("min and max need a list that is not empty")
    return max(items) if largest else min(items)


def _sum(items: list[Any]) -> Any:
    return sum(items[1:], items[0]) if items else 0


def _contains(whole: list[Any], part: list[Any]) -> bool:
    return all(_holds(whole, item) for item in part)


FUNCTIONS = (
    ("indexOf", "INT", ("LIST", "DYN"), True, _first),
    ("lastIndexOf", "INT", ("LIST", "DYN"), True, _last),
    ("isSorted", "BOOL", ("LIST",), True, _sorted),
    ("sum", "DYN", ("LIST",), True, _sum),
    ("min", "DYN", ("LIST",), True, lambda items: _extreme(items, largest=False)),
    ("max", "DYN", ("LIST",), True, lambda items: _extreme(items, largest=True)),
    ("sets.contains", "BOOL", ("LIST", "LIST"), False, _contains),
    ("sets.equivalent", "BOOL", ("LIST", "LIST"), False, lambda a, b: _contains(a, b) and _contains(b, a)),
    ("sets.intersects", "BOOL", ("LIST", "LIST"), False, lambda a, b: any(_holds(b, item) for item in a)),
)

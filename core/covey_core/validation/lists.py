"""Lists that are sets or maps to Kubernetes (`x-kubernetes-list-type`): what may stand in them only once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .problems import Problem
from .wording import both, place, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .branches import Schema
    from .problems import Path

Keys = tuple[tuple[str, Any], ...]
SET: Keys = ()


def keys_of(schema: Schema, item: Schema) -> Keys | None:
    """What makes an item of the list unique: its keys with their defaults, SET for the whole item, None for nothing."""
    list_type = schema.get("x-kubernetes-list-type")
    if list_type == "set":
        return SET
    if list_type != "map":
        return None
    fields = item.get("properties", {})
    return tuple((key, fields.get(key, {}).get("default")) for key in schema.get("x-kubernetes-list-map-keys", ()))


def duplicates(items: list[Any], path: Path, keys: Keys) -> Iterator[Problem]:
    """One problem for each item that says again what an earlier one said."""
    identities = [_identity(item, keys) for item in items]
    if len(set(identities)) == len(items):
        return
    first: dict[Any, int] = {}
    for index, (item, identity) in enumerate(zip(items, identities, strict=True)):
        if identity is None:
            continue
        if first.setdefault(identity, index) != index:
            yield _problem(item, path, keys, index, first[identity])


def _identity(item: Any, keys: Keys) -> Any:
    """Something hashable; None where the schema has already complained about the item."""
    if not keys:
        return repr(item) if isinstance(item, dict | list) else (type(item), item)
    if not isinstance(item, dict):
        return None
    values = tuple([item.get(key, default) for key, default in keys])
    for value in values:
        if isinstance(value, dict | list):
            return None
    return values


def _problem(item: Any, path: Path, keys: Keys, index: int, earlier: int) -> Problem:
    if not keys:
        return Problem(
            "k8s/duplicate-item",
            (*path, index),
            f"{place(path)} says {shown(item)} twice; every item may stand there only once.",
            hint="Remove one of them.",
        )
    told = both(f"{key} {shown(item.get(key, default))}" for key, default in keys)
    key = next((key for key, _ in keys if key in item), None)
    return Problem(
        "k8s/duplicate-item",
        (*path, index) if key is None else (*path, index, key),
        f"{place((*path, index))} has the same {told} as {place((*path, earlier))}.",
        hint="Kubernetes would merge them or refuse the list: rename or remove one of them.",
    )

"""Fields of plain Kubernetes objects: absent or null ones have a default, those of another type are refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Plain = dict[str, Any]


class ObjectError(ValueError):
    """An object that is not what its kind promises; the sentence says which and where."""


def mapping(parent: Mapping[str, Any], key: str, where: str) -> Plain:
    value = parent.get(key)
    if value is None:
        return {}
    if isinstance(value, dict):
        return value
    raise _error(where, key, "a mapping")


def mappings(parent: Mapping[str, Any], key: str, where: str) -> list[Plain]:
    """A list whose items are mappings."""
    found = _list(parent, key, where)
    if all(isinstance(item, dict) for item in found):
        return found
    raise _error(where, key, "a list of mappings")


def texts(parent: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    found = _list(parent, key, where)
    if all(isinstance(item, str) for item in found):
        return tuple(found)
    raise _error(where, key, "a list of texts")


def table(parent: Mapping[str, Any], key: str, where: str) -> dict[str, str]:
    """A mapping of text to text, such as labels."""
    found = mapping(parent, key, where)
    fits = all(isinstance(name, str) and isinstance(value, str) for name, value in found.items())
    if fits:
        return found
    raise _error(where, key, "a mapping of texts")


def text(parent: Mapping[str, Any], key: str, where: str, *, default: str = "") -> str:
    value = parent.get(key)
    if value is None:
        return default
    if isinstance(value, str):
        return value
    raise _error(where, key, "a text")


def whole(parent: Mapping[str, Any], key: str, where: str) -> int | None:
    value = parent.get(key)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise _error(where, key, "a whole number")


def moment(parent: Mapping[str, Any], key: str, where: str) -> datetime | None:
    value = text(parent, key, where)
    if not value:
        return None
    try:
        found = datetime.fromisoformat(value)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise _error(where, key, "a time such as 2026-01-31T12:00:00Z") from error


def _list(parent: Mapping[str, Any], key: str, where: str) -> list[Any]:
    value = parent.get(key)
    if value is None:
        return []
    if isinstance(value, list):
        return value
    raise _error(where, key, "a list")


def _error(where: str, key: str, expected: str) -> ObjectError:
    return ObjectError(f"{where}: {key} must be {expected}.")

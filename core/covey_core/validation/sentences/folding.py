"""Folds what `anyOf` and `oneOf` say about each of their branches into the errors that help."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jsonschema_rs import ValidationError

_ALTERNATIVES = frozenset({"anyOf", "oneOf"})
_CHOICES = frozenset({"const", "enum"})


def fold(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """The errors, with every alternative that can be told replaced by the errors of the branch that was meant."""
    for error in errors:
        meant = _meant(error) if error.kind.name in _ALTERNATIVES else None
        if meant is None:
            yield error
        else:
            yield from fold(meant)


def _meant(error: ValidationError) -> list[ValidationError] | None:
    """The branch that the author had in mind, or None where none stands out."""
    branches: list[list[ValidationError]] = error.kind.context  # type: ignore[attr-defined]  # only alternatives come here
    if not branches or any(not branch for branch in branches):
        return None  # more than one fits: there is nothing to fold
    here = error.instance_path
    fitting = [branch for branch in branches if not _is_other(branch, here)]
    if len(fitting) == 1:
        return fitting[0]
    deep = [branch for branch in fitting if all(len(item.instance_path) > len(here) for item in branch)]
    return deep[0] if len(deep) == 1 else None


def _is_other(branch: list[ValidationError], here: list[str | int]) -> bool:
    """Whether the branch is for another type, or for another value of a field that tells the branches apart."""
    for item in branch:
        depth = len(item.instance_path) - len(here)
        if (depth == 0 and item.kind.name == "type") or (depth <= 1 and item.kind.name in _CHOICES):
            return True
    return False

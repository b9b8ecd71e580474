"""Sentences about `anyOf` and `oneOf` where no branch stands out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from covey_core.validation.problems import Problem
from covey_core.validation.wording import either, place, shown, ticked, type_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .fault import Fault

    Branches = list[list[Any]]


def _none_fits(fault: Fault) -> Iterator[Problem]:
    branches: Branches = fault.kind.context
    told = _told(fault, branches) if all(branches) else ""
    if not told and not all(branches):
        told = "fits several alternatives that exclude each other: keep one of them"
    told = told or f"fits none of the {len(branches)} alternatives that are allowed there"
    yield Problem("schema/alternatives", fault.path, f"{place(fault.path)} {told}.", fault.hint)


def _told(fault: Fault, branches: Branches) -> str:
    """What all the branches want of the same place, if they want the same kind of thing."""
    errors = [error for branch in branches for error in branch]
    if any(tuple(error.instance_path) != fault.place for error in errors):
        return ""
    kinds = {error.kind.name for error in errors}
    if kinds <= {"required"}:
        return f"needs {either(' with '.join(ticked(error.kind.property for error in branch)) for branch in branches)}"
    if kinds <= {"type"}:
        types = dict.fromkeys(name for error in errors for name in error.kind.types)
        return f"must be {either(map(type_name, types))}, not {fault.shown}"
    if kinds <= {"const", "enum"}:
        options = dict.fromkeys(shown(option) for error in errors for option in _options(error))
        return f"must be {either(options)}, not {fault.shown}"
    return ""


def _options(error: Any) -> list[Any]:
    return list(error.kind.options) if error.kind.name == "enum" else [error.kind.expected_value]


HANDLERS: dict[str, Callable[[Fault], Iterator[Problem]]] = {"anyOf": _none_fits, "oneOf": _none_fits}

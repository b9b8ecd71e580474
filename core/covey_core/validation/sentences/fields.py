"""Sentences about fields: unknown, missing, or of the wrong type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covey_core.suggest import nearest
from covey_core.validation.problems import Problem
from covey_core.validation.wording import both, clean, dotted, either, place, ticked, type_name

from .fault import Fault, about

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from covey_core.validation.problems import Path

_MOST_NAMES = 12
_TYPE_ORDER = ("string", "integer", "number", "boolean", "array", "object", "null")


def _unknown(fault: Fault) -> Iterator[Problem]:
    known = list(fault.fields)
    for name in fault.kind.unexpected:
        yield _unknown_field(fault.path, name, known)


def _unknown_field(path: Path, name: str, known: list[str]) -> Problem:
    where = f" in `{dotted(path)}`" if path else ""
    meant = nearest(name, known)
    guess = f"; did you mean `{meant}`?" if meant else "."
    message = f"Unknown field `{clean(name)}`{where}{guess}"
    return Problem("schema/unknown-field", (*path, name), message, "" if meant else _listing(known), at_key=True)


def _listing(known: list[str]) -> str:
    if not known:
        return ""
    rest = len(known) - _MOST_NAMES
    names = [*ticked(sorted(known)[:_MOST_NAMES]), *([f"{rest} more"] if rest > 0 else [])]
    return f"The fields there are {both(names)}."


def _refused(fault: Fault) -> Iterator[Problem]:
    """The schema `false`: nothing may stand there."""
    if fault.path and isinstance(fault.path[-1], str):
        yield _unknown_field(fault.path[:-1], fault.path[-1], [])
    else:
        yield Problem("schema/unknown-field", fault.path, f"{place(fault.path)} may not be there.", fault.hint)


def _required(fault: Fault) -> Iterator[Problem]:
    name = fault.kind.property
    if _is_misspelt(fault, name):
        return  # told as an unknown field, with this name as the suggestion
    where = f"`{dotted(fault.path)}`" if fault.path else "The document"
    message = f"{where} lacks the field `{clean(name)}`, which is needed."
    yield Problem("schema/required", fault.path, message, about(fault.field(name), name=name))


def _is_misspelt(fault: Fault, name: str) -> bool:
    known = fault.fields
    strangers = [key for key in fault.value if key not in known] if isinstance(fault.value, dict) else []
    return any(nearest(stranger, known) == name for stranger in strangers)


def _wrong_type(fault: Fault) -> Iterator[Problem]:
    types = sorted(fault.kind.types, key=_TYPE_ORDER.index)
    expected = either(type_name(name) for name in types if name != "null" or len(types) == 1)
    message = f"{place(fault.path)} must be {expected}, not {fault.shown}."
    yield Problem("schema/type", fault.path, message, _conversion(fault, types) or fault.hint)


def _conversion(fault: Fault, types: list[str]) -> str:
    """How to write the same value as the type that is wanted."""
    value = fault.value
    if "string" in types and isinstance(value, bool | int | float):
        return "Put quotes around it." if fault.secretive else f'Quote it: "{fault.shown}".'
    if not isinstance(value, str) or fault.secretive:
        return ""
    is_number = not {"integer", "number"}.isdisjoint(types) and value.removeprefix("-").isdecimal()
    if is_number or ("boolean" in types and value in {"true", "false"}):
        return f"Write it without quotes: {clean(value)}."
    return ""


HANDLERS: dict[str, Callable[[Fault], Iterator[Problem]]] = {
    "additionalProperties": _unknown,
    "unevaluatedProperties": _unknown,
    "falseSchema": _refused,
    "required": _required,
    "type": _wrong_type,
}

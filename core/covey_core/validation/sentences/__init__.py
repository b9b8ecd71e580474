"""Errors of the JSON Schema validator as sentences, one for each thing that is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covey_core.validation.problems import Problem
from covey_core.validation.wording import clean, place

from . import alternatives, fields, values
from .fault import Fault
from .folding import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from jsonschema_rs import ValidationError

    from covey_core.validation.branches import Schema
    from covey_core.validation.problems import Path

# After these the API server does not try CEL rules: the object is not what they expect.
BLOCKING = frozenset({"type", "required", "enum", "const", "maxLength", "maxItems", "anyOf", "oneOf"})
_HANDLERS: dict[str, Callable[[Fault], Iterator[Problem]]] = {
    **fields.HANDLERS,
    **values.HANDLERS,
    **alternatives.HANDLERS,
}


def describe(
    errors: Iterable[ValidationError], schema: Schema, *, base: Path = (), secretive: bool = False
) -> Iterator[Problem]:
    """The problems of one object; `base` is its place in the document, `secretive` keeps its values out."""
    for error in _without_echoes(fold(errors)):
        fault = Fault(error, schema, base, secretive)
        handler = _HANDLERS.get(error.kind.name)
        if handler is not None:
            yield from handler(fault)
        else:
            message = f"{place(fault.path)} is not what its schema allows ({clean(error.kind.name)})."
            yield Problem("schema/invalid", fault.path, message, fault.hint)


def _without_echoes(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """What is of the wrong type needs no second sentence about its value."""
    found = list(errors)
    mistyped = {tuple(error.instance_path) for error in found if error.kind.name == "type"}
    for error in found:
        if error.kind.name not in values.HANDLERS or tuple(error.instance_path) not in mistyped:
            yield error

"""A JSON Schema, compiled once: the quick question whether a value fits, and the slow one why it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .problems import Problem
from .sentences import BLOCKING, describe
from .wording import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from jsonschema_rs import ValidationError

    from .branches import Schema
    from .problems import Path


class Compiled:
    """Raises ValueError for a schema that can't be compiled; `secretive` keeps values out of the sentences."""

    def __init__(self, schema: Schema, *, secretive: bool = False) -> None:
        from jsonschema_rs import Draft202012Validator  # noqa: PLC0415 - start-up must not pay for it

        self._schema = schema
        self._secretive = secretive
        self._validator = Draft202012Validator(schema)

    def fits(self, value: Any) -> bool:
        try:
            return self._validator.is_valid(value)
        except ValueError:
            return False

    def misfits(
        self, value: Any, base: Path = (), *, matters: Callable[[ValidationError], bool] | None = None
    ) -> tuple[list[Problem], bool]:
        """The problems of a value, and whether they keep the API server from trying rules."""
        try:
            errors = list(self._validator.iter_errors(value))
        except ValueError as error:  # what no YAML holds: keys that are no text, half of a character
            message = f"The value can't be checked: {clean(str(error), longest=160)}."
            return [Problem("schema/invalid", base, message)], True
        if matters is not None:
            errors = [error for error in errors if matters(error)]
        blocks = any(error.kind.name in BLOCKING for error in errors)
        return list(describe(errors, self._schema, base=base, secretive=self._secretive)), blocks

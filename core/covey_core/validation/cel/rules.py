"""Evaluates the rules of a schema on an object."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from covey_core.validation.branches import grow, places
from covey_core.validation.problems import Problem
from covey_core.validation.wording import clean, place

from .defaults import large_defaults, with_defaults
from .marked import optional
from .times import Seen
from .values import to_cel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covey_core.validation.branches import Branch, Schema
    from covey_core.validation.problems import Path

_OLD_SELF = re.compile(r"\boldSelf\b")
_STRINGS = re.compile(r"r?\"(?:\\.|[^\"\\])*\"|r?'(?:\\.|[^'\\])*'")
_FIELD_PATH = re.compile(r"\.?([^.\[\]]+)|\[\s*'((?:[^'\\]|\\.)*)'\s*\]|\[\s*\"((?:[^\"\\]|\\.)*)\"\s*\]")
_NO_OLD_SELF = optional(None)  # what `optionalOldSelf` rules see when an object is created
_CODES = re.compile(r"\A(?:[A-Z_]+: )?(?:ERROR: )?(?:<input>:\d+:\d+: )?|(?: \(in container ''\))?(?: \[[A-Z_]+\])?\Z")
_LONGEST_REASON = 120


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of `x-kubernetes-validations`."""

    rule: str
    message: str
    message_expression: str
    field_path: str
    reason: str

    @classmethod
    def of(cls, entry: dict[str, Any]) -> Rule:
        keys = ("rule", "message", "messageExpression", "fieldPath", "reason")
        return cls(*(str(entry.get(key) or "").strip() for key in keys))


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a rule has no answer."""

    rule: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class _Place:
    schema: Schema
    rules: tuple[Rule, ...]


class Rules:
    """The rules of one kind."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._branch: Branch | None = grow(schema, _mark)
        # Only then can an object that has no place with a rule have one after defaults are filled in.
        self._makes_places = any(grow(part, _mark, root=schema) is not None for part in large_defaults(schema))

    def problems(self, value: dict[str, Any], base: Path) -> Iterator[Problem]:
        if self._branch is None:
            return
        if not self._makes_places and not places(value, self._branch):
            return
        root = self._schema
        for path, found, mark in places(with_defaults(value, root, root), self._branch):
            seen = Seen.of(to_cel(found, mark.schema, root, is_object=not path))
            for rule in mark.rules:
                yield from _check(rule, seen, (*base, *path))


def _mark(schema: Schema) -> _Place | None:
    entries = schema.get("x-kubernetes-validations") or ()
    rules = tuple(Rule.of(entry) for entry in entries if _applies_on_create(entry))
    return _Place(schema, rules) if rules else None


def _applies_on_create(entry: dict[str, Any]) -> bool:
    """A rule about the old value waits for an update, unless it says that it can do without."""
    return entry.get("optionalOldSelf") is True or not _OLD_SELF.search(_STRINGS.sub("''", str(entry.get("rule", ""))))


def _check(rule: Rule, seen: Seen, path: Path) -> Iterator[Problem]:
    failure, value = evaluate(rule.rule, seen)
    told = " ".join(rule.rule.split())
    if failure is not None:
        yield Problem(
            failure.rule, path, f"A rule on {_on(path)} {failure.message}.", hint=f"{failure.hint} Rule: {told}"
        )
    elif value is not True:
        where = (*path, *_field_path(rule.field_path))
        hint = f"Rule: {told}" + (f" ({rule.reason})" if rule.reason else "")
        yield Problem("cel/rule", where, f"{place(where)}: {_message(rule, seen)}", hint=hint)


def _on(path: Path) -> str:
    return place(path) if path else "the document"


def _message(rule: Rule, seen: Seen) -> str:
    if rule.message_expression:
        failure, value = evaluate(rule.message_expression, seen)
        if failure is None and isinstance(value, str) and value.strip() and "\n" not in value:
            return value.strip()
    return " ".join(rule.message.split()) or f"failed rule: {' '.join(rule.rule.split())}"


def _field_path(text: str) -> Path:
    """`.spec['a.b'].c` as parts."""
    return tuple(next(part for part in match.groups() if part is not None) for match in _FIELD_PATH.finditer(text))


def evaluate(expression: str, seen: Seen) -> tuple[Failure | None, Any]:
    """Why the expression has no value, or its value."""
    refusal, program = _compiled(seen.about(expression))
    if refusal is not None:
        return refusal, None
    try:
        result = program.eval(data={"oldSelf": _NO_OLD_SELF, **seen.data})
        value = result.value()
    except (RuntimeError, TypeError, ValueError, OverflowError) as error:
        return _failed(error), None
    return (_failed(value), None) if result.type().name() == "ERROR" else (None, value)


@cache
def _compiled(expression: str) -> tuple[Failure | None, Any]:
    from .engine import environment  # noqa: PLC0415 - 70 ms that only objects with rules should cost

    try:
        return None, environment().compile(expression)
    except (RuntimeError, ValueError) as error:
        return _unsupported(_reason(error)), None


def _failed(error: Any) -> Failure:
    reason = _reason(error)
    if "No matching overloads" in reason or "UNIMPLEMENTED" in str(error):
        return _unsupported(reason)
    return Failure("cel/error", f"fails on this object: {reason}", "The API server refuses such an object, too.")


def _unsupported(reason: str) -> Failure:
    return Failure("cel/unsupported", f"is beyond Covey's CEL: {reason}", "`--schemas-only` skips all rules.")


def _reason(error: Any) -> str:
    """The engine's first words, without its codes and positions."""
    first = str(error).split("\n")[0]
    return clean(_CODES.sub("", first).strip().rstrip("."), longest=_LONGEST_REASON)

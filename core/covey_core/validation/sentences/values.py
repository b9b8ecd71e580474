"""Sentences about values: not one of those allowed, too small, too long, of the wrong form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from covey_core.suggest import nearest
from covey_core.validation.problems import Problem
from covey_core.validation.wording import amount, clean, either, place, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .fault import Fault

    Handler = Callable[[Fault], Iterator[Problem]]

RULE = "schema/value"
_FORMATS = {
    "date-time": "a time such as 2030-12-31T23:59:59Z",
    "date": "a date such as 2030-12-31",
    "ipv4": "an IPv4 address",
    "ipv6": "an IPv6 address",
    "uri": "a URI",
    "email": "an e-mail address",
    "byte": "base64",
    "duration": "a duration such as 1h30m",
    "uuid": "a UUID",
}


def _one_of(fault: Fault) -> Iterator[Problem]:
    options = fault.kind.options if fault.kind.name == "enum" else [fault.kind.expected_value]
    named = [
        clean(option) if isinstance(option, str) and option else shown(option)
        for option in options
        if option is not None
    ]
    words = [option for option in options if isinstance(option, str)]
    meant = (
        nearest(fault.value, words)
        if isinstance(fault.value, str) and len(options) > 1 and not fault.secretive
        else None
    )
    guess = f" Did you mean {meant}?" if meant else ""
    yield Problem(
        RULE, fault.path, f"{place(fault.path)} must be {either(named)}, not {fault.shown}.{guess}", fault.hint
    )


def _pattern(fault: Fault) -> Iterator[Problem]:
    schema = fault.schema
    hint = (
        fault.hint
        if schema.get("description")
        else _FORMS.get(schema.get("format", "")) or f"It must match {fault.kind.pattern}"
    )
    yield Problem(RULE, fault.path, f"{place(fault.path)} can't be {fault.shown}.", hint)


def _format(fault: Fault) -> Iterator[Problem]:
    form = fault.kind.format
    message = f"{place(fault.path)} must be {_FORMATS.get(form, f'of the form {clean(form)}')}, not {fault.shown}."
    yield Problem(RULE, fault.path, message, fault.hint)


def _bad_field_name(fault: Fault) -> Iterator[Problem]:
    inner = fault.kind.error
    name = str(inner.instance)
    message = f"{place(fault.path)} can't have a field `{clean(name)}`."
    reason = f"Its name must match {inner.kind.pattern}" if inner.kind.name == "pattern" else ""
    yield Problem(RULE, (*fault.path, name), message, f"{fault.hint} {reason}".strip(), at_key=True)


def _negated(fault: Fault) -> Iterator[Problem]:
    refused = fault.kind.schema
    names = refused.get("required") if isinstance(refused, dict) and len(refused) == 1 else None
    if names:
        told = (
            f"may not have {either(f'`{clean(name)}`' for name in names)}"
            if len(names) == 1
            else f"may not have all of {', '.join(names)}"
        )
    else:
        told = "has a value that is not allowed there"
    yield Problem(RULE, fault.path, f"{place(fault.path)} {told}.", fault.hint)


def _limit(words: str) -> Handler:
    def handler(fault: Fault) -> Iterator[Problem]:
        limit = fault.kind.multiple_of if fault.kind.name == "multipleOf" else fault.kind.limit
        yield Problem(RULE, fault.path, f"{place(fault.path)} must be {words} {limit}, not {fault.shown}.", fault.hint)

    return handler


def _size(words: str, noun: str) -> Handler:
    def handler(fault: Fault) -> Iterator[Problem]:
        size = len(fault.value)
        has = amount(size, noun) if size else f"no {noun}"
        message = f"{place(fault.path)} must have {words} {amount(fault.kind.limit, noun)}, and has {has}."
        yield Problem(RULE, fault.path, message, fault.hint)

    return handler


def _said(words: str) -> Handler:
    def handler(fault: Fault) -> Iterator[Problem]:
        yield Problem(RULE, fault.path, f"{place(fault.path)} {words}.", fault.hint)

    return handler


_FORMS: dict[Any, str] = {name: f"It must be {words}." for name, words in _FORMATS.items()}
HANDLERS: dict[str, Handler] = {
    "enum": _one_of,
    "const": _one_of,
    "pattern": _pattern,
    "format": _format,
    "propertyNames": _bad_field_name,
    "not": _negated,
    "minimum": _limit("at least"),
    "maximum": _limit("at most"),
    "exclusiveMinimum": _limit("more than"),
    "exclusiveMaximum": _limit("less than"),
    "multipleOf": _limit("a multiple of"),
    "minLength": _size("at least", "character"),
    "maxLength": _size("at most", "character"),
    "minItems": _size("at least", "item"),
    "maxItems": _size("at most", "item"),
    "minProperties": _size("at least", "field"),
    "maxProperties": _size("at most", "field"),
    "uniqueItems": _said("has the same item twice"),
    "contains": _said("lacks an item that is needed"),
}

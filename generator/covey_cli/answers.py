"""What `init` and `new` need to know: taken from flags, from defaults, or asked for where somebody can answer.

Every answer is checked against the JSON Schema of the field that it will stand in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from .errors import did_you_mean
from .fields import find_kind, subschema

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to know. `field` is where the answer goes (`job.spec.rounds`); `many` takes several answers."""

    name: str
    text: str
    field: str
    metavar: str = "NAME"
    many: bool = False
    asked: bool = True
    argument: bool = False

    @property
    def flag(self) -> str:
        return self.name.upper() if self.argument else "--" + self.name.replace("_", "-")


@dataclass(frozen=True, slots=True)
class Answers:
    """The values by name (a tuple where several are allowed) and the names of those that nobody has given."""

    values: Mapping[str, Any]
    defaulted: frozenset[str]


class FieldType(click.ParamType):  # type: ignore[type-arg] # generic since click 8.4 only
    """A value that fits a field's JSON Schema."""

    def __init__(self, field: str) -> None:
        self.field = field
        self.name = field.rpartition(".")[2]

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        schema = _schema(self.field)
        if schema.get("type") == "integer" and isinstance(value, str) and value.isascii() and value.isdigit():
            value = int(value)
        if self.takes(value):
            return value
        choices = schema.get("enum", ())
        listed = f" It is one of {', '.join(choices)}.{did_you_mean(str(value), choices)}" if choices else ""
        return self.fail(f"'{value}' does not fit. {schema.get('description', '')}{listed}", param, ctx)

    def takes(self, value: Any) -> bool:
        """Whether a value of the right type already fits."""
        return _fits(value, _schema(self.field))

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[click.shell_completion.CompletionItem]:
        choices = _schema(self.field).get("enum", ())
        return click.Choice(choices).shell_complete(ctx, param, incomplete)


def _schema(field: str) -> dict[str, Any]:
    short, *path = field.split(".")
    kind = find_kind(short)
    if kind is None:
        raise LookupError(field)
    return subschema(kind, path)


def _fits(value: Any, schema: dict[str, Any]) -> bool:
    import jsonschema_rs  # noqa: PLC0415 - not needed to show the help

    return jsonschema_rs.is_valid(schema, value)


def options(questions: Sequence[Question]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The questions as options of a command."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for question in reversed([one for one in questions if not one.argument]):
            more = " May be given several times." if question.many else ""
            function = click.option(
                question.flag,
                type=FieldType(question.field),
                metavar=question.metavar,
                multiple=question.many,
                help=f"{question.text}.{more}",
            )(function)
        return function

    return decorate


def settle(
    questions: Sequence[Question],
    given: Mapping[str, Any],
    *,
    defaults: Callable[[str, Mapping[str, Any]], Any],
    ask: bool,
) -> Answers:
    """All answers; `defaults(name, answers so far)` is None where there is none, and "" where nothing needs saying.

    Raises click.UsageError that names all missing flags at once.
    """
    values: dict[str, Any] = {}
    defaulted: set[str] = set()
    missing: list[str] = []
    for question in questions:
        value = given.get(question.name) or None
        if value is None:
            default = defaults(question.name, values)
            value = _asked(question, default) if ask and question.asked and default != "" else default
            if value is None:
                missing.append(question.flag)
            elif value == default:
                defaulted.add(question.name)
        values[question.name] = value
    if missing:
        raise click.UsageError(f"Missing {', '.join(missing)}; nobody is asked without a terminal, or with --yes.")
    return Answers(values, frozenset(defaulted))


def _asked(question: Question, default: Any) -> Any:
    kind = FieldType(question.field)
    shown = " ".join(default) if question.many and default else default
    more = " (several with spaces between)" if question.many else ""

    def convert(text: Any) -> Any:
        if question.many:
            return tuple(kind.convert(part, None, None) for part in str(text).split())
        return kind.convert(text, None, None)

    return click.prompt(question.text + more, default=shown, value_proc=convert, err=True)

"""A difference as a person reads it in a terminal, and as programs read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from covey_core.diff import ABSENT, Action
from covey_core.diff.words import short

from .commit_message import title
from .console import safe
from .output import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from covey_core.diff import Difference, FieldChange, ObjectChange, SubjectChange

NO_EFFECT = "No change in effect: only who rendered the files, or from which text, is another."
_COLORS = {Action.ADDED: "green", Action.REMOVED: "red", Action.CHANGED: "yellow", Action.STAMPED: "bright_black"}
_FILES = {"A": "added", "D": "removed", "M": "changed", "T": "changed in type"}


def lines(difference: Difference, files: Mapping[str, str]) -> Iterator[str]:
    """`files` are the changed files that people wrote, with git's letters."""
    for subject in difference.subjects:
        yield from _subject(subject)
        yield ""
    if files:
        yield "Files that people wrote:"
        yield from (f"  {file_action(letter)} {safe(path)}" for path, letter in files.items())
        yield ""
    if difference.renderers:
        yield renderers(difference.renderers)
    if difference.subjects and not difference.has_effect:
        yield NO_EFFECT
    yield summary(difference, files)


def as_json(difference: Difference, files: Mapping[str, str]) -> dict[str, Any]:
    return {
        "hasEffect": difference.has_effect,
        "renderers": list(difference.renderers) if difference.renderers else None,
        "subjects": [_subject_as_json(subject) for subject in difference.subjects],
        "files": [{"path": path, "action": file_action(letter)} for path, letter in files.items()],
    }


def summary(difference: Difference, files: Mapping[str, str]) -> str:
    """Such as `6 rendered objects and 1 written file changed.`."""
    if not difference.subjects and not files:
        return "Nothing changes."
    objects = sum(len(subject.objects) for subject in difference.subjects)
    parts = [
        count(number, name) for number, name in ((objects, "rendered object"), (len(files), "written file")) if number
    ]
    return f"{' and '.join(parts)} changed."


def renderers(versions: tuple[str, str]) -> str:
    return f"Rendered by {safe(versions[1])}, before by {safe(versions[0])}."


def file_action(letter: str) -> str:
    return _FILES.get(letter, "changed")


def word(action: Action) -> str:
    return "rendered again" if action is Action.STAMPED else action.value


def field(change: FieldChange) -> str:
    """Such as `/spec/rounds: 5 -> 10`."""
    return f"{change.pointer}: {short(change.old)} -> {short(change.new)}"


def _subject(subject: SubjectChange) -> Iterator[str]:
    yield f"{click.style(title(subject), bold=True)} is {_colored(subject.action)}"
    for label, text in subject.concerns:
        yield f"  {label}: {safe(text)}"
    for note in subject.notes:
        yield f"  * {safe(note)}"
    for one in subject.objects:
        yield f"  {_colored(one.action)} {safe(f'{one.kind} {one.name}')} ({safe(one.path)})"
        yield from (f"      {safe(field(change))}" for change in one.fields)


def _colored(action: Action) -> str:
    return click.style(word(action), fg=_COLORS[action])


def _subject_as_json(subject: SubjectChange) -> dict[str, Any]:
    return {
        "kind": subject.kind,
        "name": subject.name,
        "action": subject.action.value,
        "concerns": dict(subject.concerns),
        "notes": list(subject.notes),
        "objects": [_object_as_json(one) for one in subject.objects],
    }


def _object_as_json(one: ObjectChange) -> dict[str, Any]:
    return {
        "path": one.path,
        "kind": one.kind,
        "name": one.name,
        "namespace": one.namespace or None,
        "action": one.action.value,
        "fields": [_field_as_json(change) for change in one.fields],
    }


def _field_as_json(change: FieldChange) -> dict[str, Any]:
    """A value that is not there has no key."""
    values = {"old": change.old, "new": change.new}
    return {"pointer": change.pointer, **{key: value for key, value in values.items() if value is not ABSENT}}

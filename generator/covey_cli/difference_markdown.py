"""A difference as a comment on a pull request.

All that comes from files stands in code spans, where nothing is a link, a mention, HTML or an image; and the comment
fits into what forges take.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .commit_message import title
from .console import safe
from .difference_text import NO_EFFECT, field, file_action, renderers, summary, word
from .output import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from covey_core.diff import Difference, SubjectChange

MOST_BYTES = 60 * 1024
_RESERVE = 256
_OPEN = "<details><summary>{}</summary>"
_CLOSE = "</details>"
_CUT = "_The rest is cut: this comment would be longer than forges take. `{}` shows all of it._"


def markdown(difference: Difference, files: Mapping[str, str], more: Iterable[str] = ()) -> str:
    """`more` are lines that come last."""
    return fitted(["### What changes, and for whom", "", *_lines(difference, files), *more], whole="covey diff")


def code(text: str) -> str:
    """`text` as a code span on one line, whatever backticks it has."""
    shown = safe(text) or " "
    fence = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _lines(difference: Difference, files: Mapping[str, str]) -> Iterator[str]:
    for subject in difference.subjects:
        yield from _subject(subject)
    if files:
        yield from ("**Files that people wrote**", "")
        yield from (f"- {file_action(letter)} {code(path)}" for path, letter in files.items())
        yield ""
    if difference.renderers:
        yield from (code(renderers(difference.renderers)), "")
    if difference.subjects and not difference.has_effect:
        yield from (NO_EFFECT, "")
    yield summary(difference, files)


def _subject(subject: SubjectChange) -> Iterator[str]:
    yield from (f"**{code(title(subject))} is {word(subject.action)}**", "")
    yield from (f"- {label}: {code(text)}" for label, text in subject.concerns)
    yield from (f"- **{code(note)}**" for note in subject.notes)
    yield from ("", _OPEN.format(count(len(subject.objects), "object")), "")
    for one in subject.objects:
        yield f"- {word(one.action)} {code(f'{one.kind} {one.name}')} in {code(one.path)}"
        yield from (f"  - {code(field(change))}" for change in one.fields)
    yield from ("", _CLOSE, "")


def fitted(lines: list[str], *, whole: str) -> str:
    """All lines, or as many as fit with a word on the rest: the command `whole` shows it."""
    size, is_open = 0, False
    for number, line in enumerate(lines):
        size += len(line.encode("utf-8", "replace")) + 1
        if size > MOST_BYTES - _RESERVE:
            return "\n".join([*lines[:number], *(["", _CLOSE] if is_open else []), "", _CUT.format(whole)]) + "\n"
        is_open = line.startswith("<details>") or (is_open and line != _CLOSE)
    return "\n".join(lines) + "\n"

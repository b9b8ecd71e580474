"""Choices as a comment on a pull request; all that comes from files and from a hub stands in code spans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covey_cli.difference_markdown import code, fitted

from .printing import MOST, headline, other, selected, summary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .choice import Choice


def markdown(choices: Sequence[Choice]) -> str:
    return fitted(["### Which clusters the jobs get", "", *_lines(choices)], whole="covey preview")


def _lines(choices: Sequence[Choice]) -> Iterator[str]:
    for choice in choices:
        yield from (f"**{code(choice.wanted.title)}**: {code(headline(choice))}", "")
        yield from (f"- **{code(trouble)}**" for trouble in choice.troubles)
        yield from (f"- {code(selected(one, choice))}" for one in choice.selected[:MOST])
        yield from _rest(len(choice.selected) - MOST)
        if choice.others:
            yield from ("", f"<details><summary>{len(choice.others):,} not chosen</summary>", "")
            yield from (f"- {code(other(one))}" for one in choice.others[:MOST])
            yield from _rest(len(choice.others) - MOST)
            yield from ("", "</details>")
        yield ""
    yield summary(choices)


def _rest(number: int) -> Iterator[str]:
    if number > 0:
        yield f"- and {number:,} more"

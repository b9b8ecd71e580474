"""What a change means for the choice of clusters, in words, for Markdown and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from covey_cli.console import safe
from covey_cli.difference_markdown import code

from .printing import MOST, as_json, headline

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .choice import Choice
    from .comparing import Comparison

TITLE = "Which clusters the jobs get"
NOTHING = "The choice of clusters stays as it is."


def lines(found: Sequence[Comparison]) -> Iterator[str]:
    yield ""
    yield f"{TITLE}:"
    for one in found:
        yield f"  {click.style(safe(one.title), bold=True)}: {_colored(one)}"
        yield from (f"    {safe(line)}" for line in _changes(one))
    if not found:
        yield f"  {NOTHING}"


def markdown_lines(found: Sequence[Comparison]) -> Iterator[str]:
    yield from ("", f"**{TITLE}**", "")
    for one in found:
        yield f"- {code(one.title)}: {code(_headline(one))}"
        yield from (f"  - {code(line)}" for line in _changes(one))
    if not found:
        yield NOTHING


def comparisons_as_json(found: Sequence[Comparison]) -> list[dict[str, Any]]:
    return [{"job": one.title, "before": _side_as_json(one.before), "after": _side_as_json(one.after)} for one in found]


def _side_as_json(choice: Choice | None) -> dict[str, Any] | None:
    return as_json(choice) if choice is not None else None


def _headline(one: Comparison) -> str:
    if one.after is None:
        return "gone" + (f", before {len(one.before.selected)}" if one.before else "")
    same = " as before" if one.is_same else ""
    before = f" (before {len(one.before.selected)})" if one.before and not one.is_same else ""
    return f"{headline(one.after)}{same}{before}"


def _colored(one: Comparison) -> str:
    short = one.after is not None and not one.after.is_enough
    return click.style(safe(_headline(one)), fg="red" if short else None)


def _changes(one: Comparison) -> list[str]:
    """`+ cluster` for each gained one, `- cluster reason` for each lost one."""
    before = set(one.before.clusters) if one.before else set()
    after = set(one.after.clusters) if one.after else set()
    reasons = {other.cluster: other.reason for other in one.after.others} if one.after else {}
    gained = [f"+ {name}" for name in sorted(after - before)]
    lost = [f"- {name} {reasons.get(name, '')}".rstrip() for name in sorted(before - after)]
    more = len(gained) + len(lost) - MOST
    return [*gained, *lost][:MOST] + ([f"and {more:,} more"] if more > 0 else [])

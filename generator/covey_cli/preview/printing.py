"""Choices as a person reads them in a terminal, and as programs read them."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

import click

from covey_cli.console import safe
from covey_cli.output import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from covey_core.placement import Chosen

    from .choice import Choice, Other

MOST: Final = 50
_REASONS: Final = 3


def lines(choices: Sequence[Choice]) -> Iterator[str]:
    for choice in choices:
        color = "green" if choice.is_enough else "red"
        yield f"{click.style(safe(choice.wanted.title), bold=True)}: {click.style(safe(headline(choice)), fg=color)}"
        yield from (f"  * {safe(trouble)}" for trouble in choice.troubles)
        yield from (f"  + {safe(selected(one, choice))}" for one in choice.selected[:MOST])
        yield from _rest(len(choice.selected) - MOST)
        yield from (f"  - {safe(other(one))}" for one in choice.others[:MOST])
        yield from _rest(len(choice.others) - MOST)
        yield ""
    yield summary(choices)


def headline(choice: Choice) -> str:
    """Such as `2 of 3 needed: site-4 does not claim the data present`."""
    found, wanted = len(choice.selected), choice.wanted
    if choice.is_enough:
        few = f"; {wanted.most} at the most take part, best score first" if found > wanted.most else ""
        return f"{count(found, 'cluster')}, {wanted.least} needed{few}"
    told = [other(one) for one in choice.others[:_REASONS]]
    more = len(choice.others) - len(told)
    why = "; ".join([*told, *([f"{more} more"] if more > 0 else [])])
    return f"{found} of {wanted.least} needed" + (f": {why}" if why else "")


def selected(one: Chosen, choice: Choice) -> str:
    notes = [f"score {one.score}"] if choice.has_scores else []
    if one.until is not None:
        notes.append(f"its taint is tolerated until {time(one)}")
    return one.cluster + (f" ({', '.join(notes)})" if notes else "")


def other(one: Other) -> str:
    return f"{one.cluster} {one.reason}"


def summary(choices: Sequence[Choice]) -> str:
    short = sum(not choice.is_enough for choice in choices)
    if not choices:
        return "There is no job to preview."
    if short:
        return f"{short} of {count(len(choices), 'job')} would get too few clusters."
    return f"{count(len(choices), 'job')} would get enough clusters."


def as_json(choice: Choice) -> dict[str, Any]:
    return {
        "namespace": choice.wanted.namespace,
        "name": choice.wanted.name,
        "needed": choice.wanted.least,
        "most": choice.wanted.most,
        "isEnough": choice.is_enough,
        "troubles": list(choice.troubles),
        "selected": [
            {
                "cluster": one.cluster,
                "score": one.score,
                "parts": [
                    {"prioritizer": part.prioritizer, "weight": part.weight, "score": part.score} for part in one.parts
                ],
                "toleratedUntil": time(one) if one.until else None,
            }
            for one in choice.selected
        ],
        "notSelected": [
            {"cluster": one.cluster, "granted": one.is_granted, "step": one.step, "reason": one.reason}
            for one in choice.others
        ],
    }


def time(one: Chosen) -> str:
    return one.until.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if one.until else ""


def _rest(number: int) -> Iterator[str]:
    if number > 0:
        yield f"  and {number:,} more; `--format json` lists all"

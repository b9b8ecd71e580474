"""A run in lines for people: the live line, finished rounds, signs of life. Whatever a run told is made inert here."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from covey_cli.console import safe
from covey_cli.output import count
from covey_cli.report.words import duration, number, percent

if TYPE_CHECKING:
    from covey_core.results.series import Round

    from .display_state import Progress

FEW: Final = 4  # collaborators that are told by name
LONGEST_NAME: Final = 40


def live(progress: Progress, *, now: float, elapsed: float, width: int) -> str:
    """One line of at most `width` columns; where that is little, what matters least is left out first."""
    parts = _parts(progress, now=now, elapsed=elapsed)
    while len(parts) > 1 and columns(_joined(parts)) > width:
        parts.remove(max(parts))
    return cut(_joined(parts), width)


def _parts(progress: Progress, *, now: float, elapsed: float) -> list[tuple[int, int, str]]:
    """(how soon it may be left out, place in the line, text)."""
    left, last, training = progress.left(now), progress.scored, in_training(progress)
    shown: list[tuple[int, str | None]] = [
        (0, stage(progress)),
        (3, _numbers(progress) if training else None),
        (5, _names(progress) if training else None),
        (4, f"loss {number(last.loss)}" if last and last.loss is not None else None),
        (2, f"accuracy {percent(last.accuracy)}" if last and last.accuracy is not None else None),
        (1, clock(elapsed)),
        (2, f"about {clock(left)} left" if training and left is not None and left >= 1 else None),
    ]
    return [(rank, place, text) for place, (rank, text) in enumerate(shown) if text]


def _joined(parts: list[tuple[int, int, str]]) -> str:
    return "  ".join(text for _, _, text in sorted(parts, key=lambda part: part[1]))


def in_training(progress: Progress) -> bool:
    return progress.sessions > 0 and progress.finished < progress.facts.rounds


def stage(progress: Progress) -> str:
    """What is being done."""
    rounds = progress.facts.rounds
    if not progress.sessions:
        return "Starting"
    if progress.finished >= rounds:
        return f"Finishing after {count(rounds, 'round')}"
    return f"Round {progress.finished + 1:,}/{rounds:,}"


def _numbers(progress: Progress) -> str:
    whole = len(progress.facts.members) or progress.facts.minimum
    return f"{len(progress.here)}/{whole} collaborators"


def _names(progress: Progress) -> str | None:
    """Who is not here, or else who is."""
    here, missing = sorted(progress.here), progress.missing
    waiting = len(here) < progress.facts.minimum
    if 0 < len(missing) <= FEW:
        return f"{'waiting for' if waiting else 'without'} {_listed(missing)}"
    if waiting:
        return "waiting for more"
    return f"({_listed(here)})" if 0 < len(here) <= FEW else None


def _listed(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(safe(name, longest=LONGEST_NAME) for name in names)


def sign_of_life(progress: Progress, *, now: float, elapsed: float) -> str:
    left = progress.left(now)
    told = [
        stage(progress),
        f"{_numbers(progress)} here" if in_training(progress) else None,
        _names(progress) if len(progress.here) < progress.facts.minimum and in_training(progress) else None,
        f"{duration(elapsed)} so far",
        f"about {duration(left)} left" if in_training(progress) and left is not None and left >= 1 else None,
    ]
    return ", ".join(part for part in told if part)


def round_line(one: Round, scored: Round | None, *, rounds: int) -> str:
    """`Round 3/5: accuracy 91.3%, loss 0.412, 2 collaborators, 3.4 s`; `(after round 2)` marks older scores."""
    shown = scored or one
    late = f" (after round {shown.round:,})" if shown.round != one.round else ""
    scores = [
        f"accuracy {percent(shown.accuracy)}" if shown.accuracy is not None else None,
        f"loss {number(shown.loss)}" if shown.loss is not None else None,
    ]
    told = [
        ", ".join(score for score in scores if score) + late if any(scores) else None,
        count(len(one.collaborators), "collaborator") if one.collaborators else None,
        duration(one.seconds),
    ]
    return f"Round {one.round:,}/{rounds:,}: " + ", ".join(part for part in told if part)


def clock(seconds: float) -> str:
    """`0:34`, `1:02:03`."""
    minutes, rest = divmod(round(max(seconds, 0)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def columns(text: str) -> int:
    """How many columns of a terminal printable `text` takes."""
    return sum(map(_width, text))


def cut(text: str, width: int) -> str:
    if columns(text) <= width:
        return text
    kept, room = "", width - 1
    for letter in text:
        room -= _width(letter)
        if room < 0:
            break
        kept += letter
    return f"{kept}…" if width > 0 else ""


def _width(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1

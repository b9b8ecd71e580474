"""Suggests the word that was probably meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` most likely stands for, or None."""
    from difflib import get_close_matches  # noqa: PLC0415 - only needed once something is wrong

    found = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` (did you mean x?)` to follow a statement, or nothing."""
    found = closest(word, known)
    return f" (did you mean {found!r}?)" if found else ""

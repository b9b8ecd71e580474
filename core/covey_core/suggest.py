"""Suggests the word that was probably meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def closest(word: str, known: Iterable[str], *, most: int = 1) -> list[str]:
    """The known words, at most so many, that `word` may stand for, the likeliest first; case does not count."""
    from difflib import get_close_matches  # noqa: PLC0415 - 5 ms that only a mistake should cost

    by_folded = {name.casefold(): name for name in reversed(list(known))}
    return [by_folded[name] for name in get_close_matches(word.casefold(), by_folded, n=most)]


def nearest(word: str, known: Iterable[str]) -> str | None:
    return next(iter(closest(word, known)), None)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` (did you mean 'x'?)` to follow a word within a sentence, or nothing where no known word is close."""
    found = nearest(word, known)
    return f" (did you mean {found!r}?)" if found else ""

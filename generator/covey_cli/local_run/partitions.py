"""How a local run splits one data set over collaborators: pure functions over an array of labels.

The same labels, split and seed give the same parts; every sample goes to exactly one of them, and none is empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from covey_cli.errors import UserError, did_you_mean

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    Labels = NDArray[np.int64]
    Indices = NDArray[np.int64]

METHODS: Final = ("iid", "dirichlet", "by-class")
_ALPHAS: Final = (0.001, 1_000_000.0)  # below, numpy's draws degenerate; above, it is IID in all but name


@dataclass(frozen=True, slots=True)
class Split:
    """`alpha` belongs to `dirichlet` alone: the smaller, the more the collaborators' data differ."""

    method: str
    alpha: float | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """`iid`, `by-class`, `dirichlet:0.5`; `dirichlet` alone is `dirichlet:1`."""
        method, colon, number = text.partition(":")
        if method not in METHODS:
            raise UserError(f"There is no split {text!r}.{did_you_mean(method, METHODS)}", hint=_HOW)
        if method != "dirichlet":
            if colon:
                raise UserError(f"The split {method!r} takes no number, but {text!r} has one.", hint=_HOW)
            return cls(method)
        return cls(method, _alpha(number if colon else "1"))

    def __str__(self) -> str:
        return self.method if self.alpha is None else f"{self.method}:{self.alpha}"


_HOW: Final = "It is iid, by-class or dirichlet:ALPHA, for example dirichlet:0.5."


def _alpha(text: str) -> float:
    low, high = _ALPHAS
    try:
        alpha = float(text)
    except ValueError:
        alpha = low - 1
    if not low <= alpha <= high:  # not a number (NaN) is neither
        raise UserError(
            f"The alpha of a Dirichlet split is a number from {low:g} to {high:g}, not {text!r}.", hint=_HOW
        )
    return alpha


def split(labels: Labels, collaborators: int, *, how: Split, seed: int) -> tuple[Indices, ...]:
    """The samples of each collaborator as rising indices into `labels`; raises UserError where one would be empty."""
    if collaborators < 1:
        raise UserError(f"Data can't be split over {collaborators} collaborators; one is the least.")
    if collaborators > len(labels):
        raise UserError(
            f"{len(labels)} samples are too few for {collaborators} collaborators: some would have no data.",
            hint=f"Ask for at most {len(labels)} collaborators.",
        )
    parts = _PARTS[how.method](labels, collaborators, how, np.random.default_rng(seed))
    return tuple(np.sort(part) for part in parts)


def hold_out(labels: Labels, share: float, *, seed: int) -> tuple[Indices, Indices]:
    """(training, held-out) indices; every class is held out by that share, and none wholly where it has two samples."""
    random = np.random.default_rng(seed)
    held = []
    for members in _classes(labels, random):
        most = max(len(members) - 1, 0)
        least = min(1, most) if share > 0 else 0
        held.append(members[: min(max(round(share * len(members)), least), most)])
    aside = np.sort(np.concatenate(held)) if held else np.empty(0, np.int64)
    return np.setdiff1d(np.arange(len(labels)), aside, assume_unique=True), aside


def _classes(labels: Labels, random: Generator) -> list[Indices]:
    """The samples of each class, shuffled; classes in the order of their labels."""
    return [random.permutation(np.flatnonzero(labels == label)) for label in np.unique(labels)]


def _iid(labels: Labels, collaborators: int, _how: Split, random: Generator) -> list[Indices]:
    return list(np.array_split(random.permutation(len(labels)), collaborators))


def _by_class(labels: Labels, collaborators: int, _how: Split, random: Generator) -> list[Indices]:
    """Whole classes are dealt out in a shuffled order; nobody shares one."""
    classes = _classes(labels, random)
    if collaborators > len(classes):
        raise UserError(
            f"{len(classes)} classes are too few to give each of {collaborators} collaborators its own.",
            hint=f"Ask for at most {len(classes)} collaborators, or for the split dirichlet:0.1, which shares classes.",
        )
    order = random.permutation(len(classes))
    return [np.concatenate([classes[one] for one in order[first::collaborators]]) for first in range(collaborators)]


def _dirichlet(labels: Labels, collaborators: int, how: Split, random: Generator) -> list[Indices]:
    """Each class is cut in proportions drawn anew; an empty collaborator then gets a sample of the largest."""
    pieces: list[list[Indices]] = [[] for _ in range(collaborators)]
    for members in _classes(labels, random):
        proportions = random.dirichlet(np.full(collaborators, how.alpha))
        cuts = np.round(np.cumsum(proportions)[:-1] * len(members)).astype(np.int64)
        for owner, piece in zip(pieces, np.split(members, cuts), strict=True):
            owner.append(piece)
    return _filled([np.concatenate(owned) for owned in pieces])


def _filled(parts: list[Indices]) -> list[Indices]:
    for number, part in enumerate(parts):
        if not len(part):
            largest = max(range(len(parts)), key=lambda one: len(parts[one]))
            parts[number], parts[largest] = parts[largest][:1], parts[largest][1:]
    return parts


_PARTS: Final = {"iid": _iid, "dirichlet": _dirichlet, "by-class": _by_class}

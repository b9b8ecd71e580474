"""How a model did on data that it was not trained on: by class, and which class was taken for which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class ClassResult:
    """None where there is nothing to divide by: the class was never predicted, or never there."""

    name: str
    support: int
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`confusion[true][predicted]` are numbers of samples, classes in the order of `classes`."""

    samples: int
    correct: int
    accuracy: float
    classes: tuple[ClassResult, ...]
    confusion: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Mistake:
    """`number` of the `support` samples of class `true` were taken for `predicted`."""

    true: str
    predicted: str
    number: int
    support: int


def evaluate(truth: Sequence[int], predicted: Sequence[int], *, classes: Sequence[str]) -> Evaluation:
    """Both are indices into `classes`, sample by sample; raises ValueError where they are not."""
    if len(truth) != len(predicted):
        raise ValueError(f"There are {len(truth)} samples, but {len(predicted)} predictions.")
    if not len(truth):
        raise ValueError("There is no sample to evaluate the model on.")
    counts = [[0] * len(classes) for _ in classes]
    for true, said in zip(truth, predicted, strict=True):
        if not (0 <= true < len(classes) and 0 <= said < len(classes)):
            raise ValueError(f"Class {true} taken for {said}: there are {len(classes)} classes, from 0.")
        counts[true][said] += 1
    correct = sum(row[at] for at, row in enumerate(counts))
    return Evaluation(
        samples=len(truth),
        correct=correct,
        accuracy=correct / len(truth),
        classes=tuple(_class(name, counts, at) for at, name in enumerate(classes)),
        confusion=tuple(tuple(row) for row in counts),
    )


def worst_mistakes(evaluation: Evaluation, *, most: int) -> tuple[Mistake, ...]:
    """What was taken for what, the most frequent first."""
    names = [one.name for one in evaluation.classes]
    mistakes = [
        Mistake(names[true], names[said], number, sum(row))
        for true, row in enumerate(evaluation.confusion)
        for said, number in enumerate(row)
        if number and true != said
    ]
    return tuple(sorted(mistakes, key=lambda one: (-one.number, one.true, one.predicted))[:most])


def _class(name: str, counts: Sequence[Sequence[int]], at: int) -> ClassResult:
    hits, support = counts[at][at], sum(counts[at])
    said = sum(row[at] for row in counts)
    return ClassResult(name, support, _ratio(hits, said), _ratio(hits, support), _ratio(2 * hits, said + support))


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None

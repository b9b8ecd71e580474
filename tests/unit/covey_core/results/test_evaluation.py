from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

from covey_core.results.evaluation import evaluate, worst_mistakes

CLASSES = ("cat", "dog", "owl")


def test_it_agrees_with_scikit_learn() -> None:
    random = np.random.default_rng(3)
    truth = random.integers(0, 3, 200)
    predicted = np.where(random.random(200) < 0.7, truth, random.integers(0, 3, 200))
    found = evaluate(truth.tolist(), predicted.tolist(), classes=CLASSES)
    assert found.accuracy == accuracy_score(truth, predicted)
    assert np.array_equal(found.confusion, confusion_matrix(truth, predicted))
    columns = zip(*((one.precision, one.recall, one.f1, one.support) for one in found.classes), strict=True)
    for ours, theirs in zip(columns, precision_recall_fscore_support(truth, predicted), strict=True):
        assert np.allclose(ours, theirs)


def test_a_class_that_was_not_there_or_never_said_has_no_ratio() -> None:
    cat, dog, owl = evaluate([0, 1], [0, 0], classes=CLASSES).classes
    assert (cat.precision, cat.recall) == (0.5, 1.0)
    assert (dog.precision, dog.recall, dog.f1) == (None, 0.0, 0.0)
    assert (owl.precision, owl.recall, owl.f1, owl.support) == (None, None, None, 0)


def test_the_worst_mistakes_come_first() -> None:
    found = evaluate([0, 0, 1, 1, 1, 2], [1, 1, 1, 0, 2, 2], classes=CLASSES)
    told = [(one.true, one.predicted, one.number, one.support) for one in worst_mistakes(found, most=2)]
    assert told == [("cat", "dog", 2, 2), ("dog", "cat", 1, 3)]


@pytest.mark.parametrize(
    ("truth", "predicted", "sentence"),
    [
        ([0, 1], [0], "There are 2 samples, but 1 predictions."),
        ([], [], "There is no sample to evaluate the model on."),
        ([0], [3], "Class 0 taken for 3: there are 3 classes, from 0."),
        ([-1], [0], "Class -1 taken for 0: there are 3 classes, from 0."),
    ],
)
def test_what_does_not_fit_is_refused(truth, predicted, sentence) -> None:
    with pytest.raises(ValueError, match="^" + sentence):
        evaluate(truth, predicted, classes=CLASSES)

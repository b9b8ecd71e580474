"""Metrics of training and evaluation, merged into one report per round."""

from __future__ import annotations

import json

import pytest
from covey_flower.progress import CENTRAL, EVALUATE, TRAIN, Progress, merged


@pytest.fixture
def told(tmp_path, monkeypatch):
    """What was reported so far."""
    path = tmp_path / "reports"
    monkeypatch.setenv("COVEY_REPORTS", str(path))
    return lambda: [json.loads(line) for line in path.read_text().splitlines()]


def test_a_round_names_what_each_one_measured(told):
    progress = Progress()
    progress.take("site-2", TRAIN, {"num-examples": 30, "train_loss": 0.5})
    progress.take("site-1", TRAIN, {"num-examples": 10, "train_loss": 1.5})
    progress.take("", TRAIN, {"train_loss": 0.75})
    progress.finish(3, "round-3")

    each = {
        "site-1": {"examples": 10, "loss": 1.5, "train_loss": 1.5},
        "site-2": {"examples": 30, "loss": 0.5, "train_loss": 0.5},
    }
    metrics = {"loss": 0.75, "train_loss": 0.75}
    assert told() == [
        {"type": "round", "round": 3, "folder": "round-3", "metrics": metrics, "collaborators": each},
    ]


def test_of_two_of_a_name_evaluation_counts_and_the_other_is_kept():
    assert merged({TRAIN: {"loss": 3.0}, EVALUATE: {"loss": 2.0}}) == {"loss": 2.0, "train_loss": 3.0}
    assert merged({EVALUATE: {"loss": 2.0}, CENTRAL: {"loss": 1.0}}) == {"loss": 1.0, "eval_loss": 2.0}


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("eval_acc", "accuracy"),
        ("Accuracy", "accuracy"),
        ("val-accuracy", "accuracy"),
        ("test_logloss", "loss"),
        ("train_loss", "loss"),
    ],
)
def test_loss_and_accuracy_are_found_under_other_names(name, known):
    assert merged({EVALUATE: {name: 0.5}}) == {name: 0.5, known: 0.5}


@pytest.mark.parametrize("name", ["balanced_accuracy", "lossless", "account", "perplexity"])
def test_nothing_else_is_called_loss_or_accuracy(name):
    assert merged({EVALUATE: {name: 0.5}}) == {name: 0.5}


def test_an_evaluation_by_another_name_goes_before_trainings_own():
    found = merged({TRAIN: {"train_acc": 0.9}, EVALUATE: {"eval_acc": 0.6}})
    assert found["accuracy"] == 0.6


def test_the_examples_are_those_of_the_training():
    assert merged({TRAIN: {"num-examples": 80}, EVALUATE: {"num-examples": 20}}) == {"examples": 80}


def test_what_is_said_of_the_global_model_belongs_to_the_round_before(told):
    progress = Progress()
    progress.take("site-1", TRAIN, {"num-examples": 10, "global_accuracy": 0.4, "loss": 0.2})
    progress.take("", TRAIN, {"global_accuracy": 0.4, "loss": 0.2})
    progress.finish(2, "round-2")

    first, second, third = told()
    assert first == {"type": "metric", "name": "accuracy", "value": 0.4, "round": 1, "collaborator": "site-1"}
    assert second == {"type": "metric", "name": "accuracy", "value": 0.4, "round": 1}
    assert third["metrics"] == {"loss": 0.2}
    assert third["collaborators"] == {"site-1": {"examples": 10, "loss": 0.2}}


def test_before_the_first_round_there_is_no_round_to_tell_of(told):
    progress = Progress()
    progress.take("", TRAIN, {"global_accuracy": 0.1})
    progress.finish(1, "round-1")
    assert [one["type"] for one in told()] == ["round"]


def test_means_count_by_examples_where_nobody_else_has_averaged(told):
    progress = Progress()
    progress.take("site-1", TRAIN, {"num-examples": 30, "loss": 1.0, "mine": 1.0})
    progress.take("site-2", TRAIN, {"num-examples": 10, "loss": 3.0})
    progress.take_means(TRAIN)
    progress.finish(1, "round-1")
    assert told()[0]["metrics"] == {"loss": 1.5}


def test_nobody_ends_a_run_by_measuring_too_much(told):
    progress = Progress()
    progress.take("site-1", TRAIN, {"num-examples": 10, **{f"layer-{number}": 1.0 for number in range(20_000)}})
    progress.finish(1, "round-1")
    (one,) = told()
    assert len(one["collaborators"]["site-1"]) == 101
    assert one["collaborators"]["site-1"]["metrics_left_out"] == 20_001 - 100


def test_lists_and_texts_are_left_out(told):
    progress = Progress()
    progress.take("", CENTRAL, {"accuracy": 0.5, "per_class": [1.0, 2.0]})
    progress.finish(1, "round-1")
    assert told()[0]["metrics"] == {"accuracy": 0.5}

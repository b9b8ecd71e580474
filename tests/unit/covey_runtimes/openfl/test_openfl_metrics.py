"""A round's metrics from what tasks measured."""

from __future__ import annotations

from inside_openfl import inside

metrics = inside("metrics")
TASKS = {
    "aggregated_model_validation": {"function": "validate_task", "kwargs": {"apply": "global"}},
    "train": {"function": "train_task", "kwargs": {}},
    "locally_tuned_model_validation": {"function": "validate_task", "kwargs": {"apply": "local"}},
}


def measured(origin, task, name, value):
    return {"round": 0, "metric_origin": origin, "task_name": task, "metric_name": name, "metric_value": value}


def test_what_the_common_model_could_do_belongs_to_the_round_before():
    assert metrics.validates_the_round_before("aggregated_model_validation", TASKS)
    assert not metrics.validates_the_round_before("train", TASKS)
    assert not metrics.validates_the_round_before("locally_tuned_model_validation", TASKS)


def test_a_collaborators_own_model_never_stands_for_the_common_one():
    own = [
        measured("site-1", "locally_tuned_model_validation", "acc", 0.99),
        measured("site-1", "train", "train_loss", 0.2),
    ]
    found = metrics.by_origin(own, TASKS)["site-1"]
    assert found == {"loss": 0.2, "train.train_loss": 0.2, "locally_tuned_model_validation.acc": 0.99}
    alone = {name: task for name, task in TASKS.items() if not name.startswith("aggregated")}
    assert metrics.by_origin(own, alone)["site-1"]["accuracy"] == 0.99


def test_what_is_no_accuracy_or_loss_keeps_its_own_name_alone():
    found = metrics.by_origin([measured("aggregator", "train", "glossy", 1.0)], TASKS)
    assert found == {"aggregator": {"train.glossy": 1.0}}


def test_tasks_that_the_plan_does_not_know_are_no_mistake():
    assert metrics.by_origin([measured("site-1", "other", "loss", 1.0)], {})["site-1"]["loss"] == 1.0


def test_examples_are_those_of_training_where_somebody_trains():
    sizes = {
        ("aggregated_model_validation", "site-1"): 10,
        ("train", "site-1"): 90,
        ("aggregated_model_validation", "site-2"): 5,
        ("count", "site-3"): -1,
    }
    assert metrics.examples(sizes, TASKS) == {"site-1": 90, "site-2": 5}

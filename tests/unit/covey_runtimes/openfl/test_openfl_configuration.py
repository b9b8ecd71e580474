"""A job's configuration in a plan: by name, by path, or refused."""

from __future__ import annotations

import pytest

from inside_openfl import inside

configuration = inside("configuration")


def plan():
    return {
        "task_runner": {"template": "src.Runner", "settings": {"rate": 0.1, "batch_size": 8}},
        "data_loader": {"template": "src.Loader", "settings": {"batch_size": 8}},
        "aggregator": {"settings": {"rounds_to_train": 3}},
        "tasks": {
            "train": {"function": "train_task", "kwargs": {"epochs": 1, "batch_size": 32}},
            "validate": {"function": "validate_task", "kwargs": {"batch_size": 32}},
        },
    }


@pytest.mark.parametrize(
    ("words", "changed"),
    [
        ({"rate": 0.5}, {"task_runner.settings.rate": 0.5}),
        (
            {"batch_size": 64},
            {
                "task_runner.settings.batch_size": 64,
                "data_loader.settings.batch_size": 64,
                "tasks.train.kwargs.batch_size": 64,
                "tasks.validate.kwargs.batch_size": 64,
            },
        ),
        ({"tasks.train.kwargs.batch_size": 64}, {"tasks.train.kwargs.batch_size": 64}),
        ({"tasks": {"train": {"kwargs": {"epochs": 5}}}}, {"tasks.train.kwargs.epochs": 5}),
        ({"aggregator.settings.write_logs": True}, {"aggregator.settings.write_logs": True}),
        ({}, {}),
    ],
    ids=["a name", "a name in many places", "a path", "mappings as a path", "a setting with a default", "nothing"],
)
def test_a_setting_is_found_by_its_name_or_path(words, changed):
    found, wanted = plan(), plan()
    configuration.configure(found, words)
    for path, value in changed.items():
        *parents, name = path.split(".")
        place = wanted
        for part in parents:
            place = place[part]
        place[name] = value
    assert found == wanted


@pytest.mark.parametrize(
    "words",
    [{"learning": 1}, {"rounds_to_train": 9}, {"train": 1}, {"tasks.train.epochs": 2}, {"tasks.test.kwargs.epochs": 2}],
    ids=["no such name", "a name of OpenFL's own part", "a mapping", "a path too short", "a path to nothing"],
)
def test_what_the_plan_does_not_know_is_named(words):
    with pytest.raises(configuration.UnknownSettingError, match=f"The plan has no setting {next(iter(words))}:"):
        configuration.configure(plan(), words)


def test_no_word_of_a_job_takes_the_place_of_what_covey_fixes():
    found = plan() | {"network": {"settings": {"use_tls": True, "hash_salt": ""}}}
    words = {
        "aggregator.settings.rounds_to_train": 99,
        "network.settings.hash_salt": "mine",
        "network.settings.use_tls": True,
        "epochs": 4,
    }
    configuration.settle(found, words, rounds=5, network={"use_tls": False, "hash_salt": "the app's"})
    assert found["aggregator"]["settings"]["rounds_to_train"] == 5
    assert found["network"]["settings"] == {"use_tls": False, "hash_salt": "the app's"}
    assert found["tasks"]["train"]["kwargs"]["epochs"] == 4

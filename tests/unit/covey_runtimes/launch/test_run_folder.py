from __future__ import annotations

import dataclasses
import json

import pytest

from covey_core.launch.exits import Exit, LaunchError
from covey_core.launch.start import Run
from covey_runtimes.launch.run_folder import RunFolder
from start_data import start_data

START = start_data()


@pytest.fixture
def opened(tmp_path):
    """Opens the run's folder again and again, as one launcher after the other does."""
    made = []

    def again(start=START):
        if made:
            made.pop().close()
        made.append(RunFolder(tmp_path, start))
        return made[-1]

    again.made = made
    yield again
    for one in made:
        one.close()


def hand_over(run, name, text="weights"):
    (run.handoff / name / "part").mkdir(parents=True)
    (run.handoff / name / "part/weights.txt").write_text(text)


def keep(run, *rounds):
    for number in rounds:
        hand_over(run, f"round-{number}", str(number))
        run.keep_round(number, folder=f"round-{number}", metrics={"loss": 1 / number})


def test_a_later_launcher_goes_on_from_the_last_kept_round(opened):
    keep(opened(), 1, 2, 3)
    run = opened()

    assert (run.resume().round, run.latest.metrics) == (3, {"loss": 1 / 3})
    assert (run.resume().folder / "part/weights.txt").read_text() == "3"
    assert sorted(path.name for path in run.path.glob("round-*")) == ["round-2", "round-3"]


def test_what_was_handed_over_but_not_kept_is_dropped(opened):
    run = opened()
    keep(run, 1)
    hand_over(run, "round-2")

    run = opened()

    assert run.latest.round == 1
    assert list(run.handoff.iterdir()) == []


def test_a_launcher_that_ends_leaves_nothing_half_handed_over(opened):
    run = opened()
    hand_over(run, "round-1")
    run.close()
    assert not (run.path / "handoff").exists()
    opened.made.clear()


def test_a_launcher_killed_between_rename_and_latest_does_the_round_again(opened):
    run = opened()
    keep(run, 1, 2)
    (run.path / "LATEST").write_text("round-1\n")

    run = opened()
    assert run.resume().round == 1
    keep(run, 2)

    assert opened().resume().round == 2


def test_a_round_that_is_kept_already_stays_as_it_is(opened):
    run = opened()
    keep(run, 1)
    hand_over(run, "again", "other")

    run.keep_round(1, folder="again", metrics={})

    assert (run.resume().folder / "part/weights.txt").read_text() == "1"


@pytest.mark.parametrize("folder", ["round-9", "../logs", "", "/etc"])
def test_a_runtime_hands_over_only_what_is_in_its_own_folder(opened, folder):
    with pytest.raises(LaunchError, match="there is none") as caught:
        opened().keep_round(1, folder=folder, metrics={})
    assert caught.value.code is Exit.AGAIN


def test_a_link_is_no_part_of_a_checkpoint(opened, tmp_path):
    run = opened()
    hand_over(run, "round-1")
    (run.handoff / "round-1/more").symlink_to(tmp_path)

    with pytest.raises(LaunchError, match=r"more in what .* left in round-1/ is no plain file") as caught:
        run.keep_round(1, folder="round-1", metrics={})
    assert caught.value.code is Exit.APP
    assert not (run.path / "LATEST").exists()


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda run: (run.path / "round-1/part/weights.txt").write_text("else"), "is not what its checkpoint says"),
        (lambda run: (run.path / "round-1/part/weights.txt").unlink(), "is not what its checkpoint says"),
        (lambda run: (run.path / "round-1/checkpoint.json").write_text("{}"), "is damaged"),
        (lambda run: (run.path / "round-1/checkpoint.json").unlink(), "which is not there"),
    ],
    ids=["changed", "file gone", "record damaged", "record gone"],
)
def test_a_damaged_checkpoint_is_told_and_never_trained_on(opened, damage, sentence):
    run = opened()
    keep(run, 1)
    damage(run)

    with pytest.raises(LaunchError, match=sentence) as caught:
        opened()
    assert caught.value.code is Exit.START


def test_a_model_makes_the_run_done(opened):
    run = opened()
    keep(run, 1)
    hand_over(run, "model")

    record = run.keep_model()

    assert opened().result == record
    assert json.loads((run.path / "result.json").read_text())["digest"] == record.digest
    assert (run.path / "model/part/weights.txt").exists()


def test_no_model_is_the_apps_mistake(opened):
    with pytest.raises(LaunchError, match="without a model") as caught:
        opened().keep_model()
    assert caught.value.code is Exit.APP


def test_another_run_of_the_same_number_is_refused(opened):
    keep(opened(), 1)

    with pytest.raises(LaunchError, match="belongs to the run uid-1, not to uid-2"):
        opened(dataclasses.replace(START, run=Run("vision", "digits", 1, "uid-2")))

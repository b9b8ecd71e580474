"""What a run leaves behind when nothing goes wrong; all tests but the last look at the same run."""

from __future__ import annotations

import pytest

from covey_core.launch import checkpoint
from covey_core.results.series import rounds
from covey_runtimes.launch.disk import seal
from federations import Federation

ROUNDS = 10


@pytest.fixture(scope="module")
def done(kit, digits, tmp_path_factory):
    """A federation whose launchers have all ended, with their exit codes."""
    root = tmp_path_factory.mktemp(kit.runtime)
    made = Federation(root, runtime=kit.runtime, app=kit.app, data=digits[0], seconds=kit.seconds, rounds=ROUNDS)
    made.start()
    try:
        made.codes = {name: made.wait(name) for name in ("hub", *made.names)}
        yield made
    finally:
        made.close()


def test_every_launcher_ends_well_and_says_nothing(done):
    assert done.codes == {"hub": 0, "site-1": 0, "site-2": 0}
    assert [done.said(name) for name in done.codes] == ["", "", ""]


def test_the_model_knows_digits_that_nobody_showed_it(done, accuracy):
    # Each site lacks about half of the digits: no model of one site alone could get there.
    assert accuracy(done.run_folder() / "model") > 0.9


def test_progress_comes_in_order_and_says_who_took_part(done):
    events = done.events()
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert [event.type for event in events if event.type not in {"connected", "metric"}] == [
        "session",
        *["round"] * ROUNDS,
        "end",
    ]
    assert {event.fields["collaborator"] for event in events if event.type == "connected"} == {"site-1", "site-2"}
    assert done.rounds() == list(range(1, ROUNDS + 1))


def test_each_round_tells_what_each_collaborator_measured(done):
    told = rounds(done.events())
    for one in told:
        assert {share.name for share in one.collaborators} == {"site-1", "site-2"}
        assert all(share.samples > 100 for share in one.collaborators)
    scored = [one for one in told if one.accuracy is not None]
    assert len(scored) >= ROUNDS - 1  # what is measured on the incoming model is told a round late
    assert all(0 <= one.accuracy <= 1 for one in scored)
    lost = [one.loss for one in told if one.loss is not None]
    assert lost[-1] < lost[0]


def test_a_collaborator_tells_its_own_progress(done):
    assert done.rounds("site-1") == list(range(1, ROUNDS + 1))


def test_the_result_names_the_model_by_digest_and_the_run_by_uid(done):
    folder = done.run_folder()
    record = checkpoint.decode((folder / "result.json").read_bytes(), name="result.json")
    assert record.files == seal(folder / "model") != {}
    assert (record.run_uid, record.round) == ("0d6c1f8a", ROUNDS)
    assert done.events()[-1].fields == {"code": 0, "round": ROUNDS, "model": record.digest}


def test_no_process_outlives_its_launcher(done):
    assert [done.runtime_processes(name) for name in done.codes] == [[], [], []]


def test_a_run_that_is_done_is_not_run_again(done):
    before = (done.run_folder() / "events.jsonl").read_bytes()

    done.start()

    assert [done.wait(name, seconds=20) for name in ("hub", *done.names)] == [0, 0, 0]
    assert (done.run_folder() / "events.jsonl").read_bytes() == before


def test_what_another_run_left_is_never_taken_for_ones_own(done):
    others = {
        "0d6c1f8a, not to other": {"run": {"namespace": "vision", "job": "digits", "number": 1, "uid": "other"}},
        "raise the run number": {"rounds": 99},
    }
    for sentence, change in others.items():
        done.write_start("hub", **change)
        done.start("hub")

        assert done.wait() == 30
        assert sentence in done.said()

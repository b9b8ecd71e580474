"""What a run leaves behind when nothing goes wrong."""

from __future__ import annotations

import json

from covey_core.launch import checkpoint
from covey_runtimes.launch.disk import seal
from federations import group_members


def test_a_run_trains_a_model_that_knows_digits_nobody_showed_it(federate, accuracy):
    federation = federate(rounds=15)
    federation.start()

    assert federation.wait() == 0, federation.said()
    assert [federation.wait(name) for name in federation.names] == [0, 0]
    # Each site lacks about half of the digits: no model of one site alone could get there.
    assert accuracy(federation.run_folder() / "model") > 0.9


def test_progress_comes_in_order_and_says_who_took_part(federate):
    federation = federate(rounds=3)
    federation.start()
    federation.wait()

    events = federation.events()
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert [event.type for event in events if event.type != "connected"] == ["session", *["round"] * 3, "end"]
    assert {event.fields["collaborator"] for event in events if event.type == "connected"} == {"site-1", "site-2"}
    assert federation.rounds() == [1, 2, 3]
    for event in federation.events(type_="round"):
        assert set(event.fields["collaborators"]) == {"site-1", "site-2"}
        assert 0 <= event.fields["metrics"]["accuracy"] <= 1
    losses = [event.fields["metrics"]["loss"] for event in federation.events(type_="round")]
    assert losses[-1] < losses[0]


def test_the_result_names_the_model_by_digest_and_the_run_by_uid(federate):
    federation = federate(rounds=2)
    federation.start()
    federation.wait()

    folder = federation.run_folder()
    record = checkpoint.decode((folder / "result.json").read_bytes(), name="result.json")
    assert record.files == seal(folder / "model") != {}
    assert (record.run_uid, record.round) == ("0d6c1f8a", 2)
    assert federation.events()[-1].fields == {"code": 0, "round": 2, "model": record.digest}


def test_a_run_that_is_done_is_not_run_again(federate):
    federation = federate(rounds=1)
    federation.start()
    federation.wait()
    before = (federation.run_folder() / "events.jsonl").read_bytes()

    federation.start("hub")

    assert federation.wait(seconds=5) == 0
    assert (federation.run_folder() / "events.jsonl").read_bytes() == before


def test_no_process_outlives_its_launcher(federate):
    federation = federate(rounds=1)
    federation.start()

    for name in ("hub", *federation.names):
        federation.wait(name)
        assert group_members(federation.launchers[name].pid) == []


def test_a_collaborator_takes_part_in_each_round_and_tells_its_own_progress(federate):
    federation = federate(rounds=3)
    federation.start()
    federation.wait()
    federation.wait("site-1")

    assert federation.rounds("site-1") == [1, 2, 3]
    assert json.loads((federation.run_folder() / "result.json").read_text())["round"] == 3

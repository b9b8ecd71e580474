"""Whatever goes wrong in a launcher, it ends with a sentence, a code of the contract and an event."""

from __future__ import annotations

import json
import sys

import pytest

from covey_core.launch.exits import Exit, LaunchError
from covey_runtimes.launch import program
from covey_runtimes.launch.event_log import read

START = {
    "contract": 1,
    "side": "aggregator",
    "self": "hub",
    "run": {"namespace": "vision", "job": "digits", "number": 1, "uid": "0d6c1f8a"},
    "runtime": "tiny",
    "rounds": 1,
    "minimum": 1,
    "ports": {"proxy": 1, "runtime": 2, "session": 3},
    "timeouts": {"waiting": 1, "round": 1, "run": 1},
}


@pytest.fixture
def ended(tmp_path, monkeypatch, capfd):
    """The code, the words and the events of a launcher whose work is to raise that."""
    for name in ("state", "app"):
        (tmp_path / name).mkdir()
    (tmp_path / "start.json").write_text(json.dumps(START))
    monkeypatch.setattr(program, "lead_group", lambda: None)
    monkeypatch.setattr(program, "Signals", lambda: None)
    monkeypatch.setattr(sys, "argv", ["covey-aggregator", "--root", str(tmp_path)])

    def launched(error):
        def work(*_):
            raise error

        code = program.launch("aggregator", work)
        events = [(event.type, dict(event.fields)) for event in read(tmp_path / "state/runs/1/events.jsonl")]
        return code, capfd.readouterr().err, events

    return launched


def test_a_failure_is_told_with_its_own_code(ended):
    code, said, events = ended(LaunchError("There is no data.", code=Exit.DATA))
    assert (code, said) == (40, "covey-aggregator: There is no data.\n")
    assert events == [("error", {"code": 40, "message": "There is no data."}), ("end", {"code": 40})]


def test_a_mistake_of_our_own_may_be_tried_again_and_shows_where_it_was(ended):
    code, said, events = ended(KeyError("round"))
    assert code == 10
    assert "Traceback" in said
    assert said.endswith("covey-aggregator: The launcher itself failed: KeyError: 'round'.\n")
    assert [type_ for type_, _ in events] == ["error", "end"]


def test_a_name_that_is_no_text_does_not_cost_the_end_its_event(ended):
    _, _, events = ended(LaunchError("There is no caf\udce9.", code=Exit.START))
    assert events[0][1]["message"] == "There is no caf?."
    assert events[-1] == ("end", {"code": 30})

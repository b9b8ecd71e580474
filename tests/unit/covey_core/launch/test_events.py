from __future__ import annotations

import json

import pytest

from covey_core.launch.events import BadLineError, Event, Type, decode, encode, finite, report


def test_an_event_survives_its_line():
    event = Event(7, 1.5, "round", {"round": 3, "metrics": {"loss": 0.25}, "collaborators": {"ä": {}}})

    assert decode(encode(event)) == event
    assert encode(event).count(b"\n") == 1


def test_nobody_but_the_launcher_sets_sequence_time_and_type():
    line = encode(Event(2, 3.0, Type.METRIC, {"sequence": 99, "time": 0, "type": "end"}))

    assert json.loads(line) == {"sequence": 2, "time": 3.0, "type": "metric"}


@pytest.mark.parametrize("line", [b"", b"[]", b"{}", b'{"sequence":1}', b"{", b"\xff", b'{"sequence":null,"time":1}'])
def test_a_line_that_is_no_event_is_told(line):
    with pytest.raises(BadLineError):
        decode(line)


def test_not_a_number_becomes_nothing_as_json_has_none():
    said = report(b'{"type":"round","round":1,"metrics":{"loss":NaN,"all":[Infinity,1.5]}}')

    assert said.fields["metrics"] == {"loss": None, "all": [None, 1.5]}
    encode(Event(1, 0.0, said.type, said.fields))
    assert finite({"a": [float("nan")]}) == {"a": [None]}


def test_half_a_character_in_an_apps_error_is_no_reason_to_die():
    said = report(b'{"type":"error","message":"caf\\udce9","metrics":{"\\udce9":1}}')

    assert said.fields == {"message": "caf?", "metrics": {"?": 1}}
    assert decode(encode(Event(1, 0.0, Type.ERROR, {"message": "a\udce9b"}))).fields == {"message": "a?b"}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (b'{"type":"session","epoch":"mine"}', 'reported the type "session", which is none'),
        (b'{"type":["round"]}', "which is none"),
        (b'{"type":"round"}', "has null as 'round'"),
        (b'{"type":"round","round":true}', "has true as 'round'"),
        (b'{"type":"connected","collaborator":{}}', "has {} as 'collaborator'"),
        (b"[" * 100_000, "not one JSON mapping"),
    ],
)
def test_a_report_that_breaks_the_contract_is_told(line, sentence):
    with pytest.raises(BadLineError, match=sentence.replace("{", r"\{")):
        report(line)

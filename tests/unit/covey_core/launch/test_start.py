from __future__ import annotations

import json

import pytest

from covey_core.launch.exits import Exit, LaunchError
from covey_core.launch.start import parse

START = {
    "contract": 1,
    "side": "collaborator",
    "run": {"namespace": "vision", "job": "digits", "number": 3, "uid": "0d6c1f8a-7"},
    "self": "site-1",
    "runtime": "flower",
    "rounds": 5,
    "minimum": 2,
    "configuration": {"lr": 0.1},
    "ports": {"proxy": 8443, "runtime": 18080, "session": 18081},
    "timeouts": {"waiting": 10, "round": 20, "run": 30},
}


def parsed(**changes):
    return parse(json.dumps({**START, **changes}).encode())


def test_start_data_becomes_a_complete_value():
    start = parsed()

    assert (start.name, start.run.number, start.ports.session, start.timeouts.round) == ("site-1", 3, 18081, 20)
    assert (start.minimum_per_round, start.image, start.app_digest, start.privacy) == (2, "", "", None)


def test_the_inputs_of_a_training_are_not_who_runs_it_and_where():
    here = parsed().inputs_digest

    assert parsed(self="hub", side="aggregator", ports={"proxy": 1, "runtime": 2, "session": 3}).inputs_digest == here
    assert parsed(rounds=6).inputs_digest != here
    assert parsed(configuration={"lr": 0.2}).inputs_digest != here


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"rounds": "5"}, 'rounds must be a whole number from 1 to 1000000, not "5".'),
        ({"rounds": True}, "rounds must be a whole number from 1 to 1000000, not true."),
        ({"side": "middle"}, 'side must be one of aggregator, collaborator, not "middle".'),
        ({"surprise": 1}, "surprise is not a field of this contract version."),
        ({"ports": {"proxy": 0, "runtime": 1}}, "ports.proxy must be a whole number from 1 to 65535, not 0."),
        ({"ports": {"proxy": 1, "runtime": 1}}, "ports.session is missing."),
        ({"run": 7}, "run must be a mapping, not 7."),
        ({"image": "latest"}, "image must be "),
        ({"self": "../site"}, "self must be "),
        ({"run": {**START["run"], "uid": "a" * 48}}, "run.uid must be "),
        ({"privacy": {"epsilon": -1}}, "privacy.epsilon must be a number that is not negative, not -1."),
        ({"contract": 2}, "contract version 2; this launcher knows version 1"),
    ],
)
def test_each_mistake_is_a_sentence(changes, sentence):
    with pytest.raises(LaunchError) as caught:
        parsed(**changes)

    assert sentence in str(caught.value)
    assert caught.value.code is Exit.START


def test_all_mistakes_are_told_at_once():
    with pytest.raises(LaunchError) as caught:
        parsed(rounds=0, runtime=None, more=1)

    assert [name in str(caught.value) for name in ("rounds must", "runtime must", "more is not")] == [True] * 3


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff", b"null"])
def test_what_is_no_mapping_is_refused(data):
    with pytest.raises(LaunchError, match=r"start\.json"):
        parse(data)

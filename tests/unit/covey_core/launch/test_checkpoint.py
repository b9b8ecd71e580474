from __future__ import annotations

import dataclasses

import pytest

from covey_core.launch.checkpoint import Record, check_own, decode, encode
from covey_core.launch.exits import Exit, LaunchError
from start_data import start_data

START = start_data(rounds=3)
RECORD = Record(1, "uid-1", "sha256:inputs", 2, {"weights.npz": "sha256:w"}, {"loss": 0.5})


def test_a_record_survives_its_file():
    assert decode(encode(RECORD), name="checkpoint.json") == RECORD
    check_own(RECORD, START, name="checkpoint.json")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        encode(RECORD)[:-20],
        encode(RECORD).replace(b"sha256:w", b"sha256:v"),
        encode(RECORD).replace(b'"round":2', b'"round":"2"'),
        encode(RECORD).replace(b'"round"', b'"rounds"'),
    ],
)
def test_a_damaged_record_is_never_believed(data):
    with pytest.raises(LaunchError, match="is damaged") as caught:
        decode(data, name="round-2/checkpoint.json")
    assert caught.value.code is Exit.START


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [({"run_uid": "uid-2"}, "belongs to the run uid-2"), ({"inputs_digest": "sha256:else"}, "with other inputs")],
)
def test_what_another_run_left_is_refused(changes, sentence):
    with pytest.raises(LaunchError, match=sentence):
        check_own(dataclasses.replace(RECORD, **changes), START, name="checkpoint.json")

"""The roster: who may take part, and nothing that could be read in two ways."""

from __future__ import annotations

import json

import pytest

from covey_transport.errors import BadStartError
from covey_transport.roster import Member, Roster, parse_roster, roster_data, roster_of, write_roster


def _parse(data) -> Roster:
    text = data if isinstance(data, bytes) else json.dumps(data).encode()
    return parse_roster(text, "roster.json", trust_domain="covey.test")


def test_what_is_written_is_read_again_sorted_and_once(tmp_path) -> None:
    roster = roster_of(["site-2", "site-1", "site-2"], trust_domain="covey.test")
    write_roster(tmp_path / "roster.json", roster)
    assert _parse((tmp_path / "roster.json").read_bytes()) == roster
    assert [member.cluster for member in roster.members] == ["site-1", "site-2"]
    assert (tmp_path / "roster.json").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["roster.json"]


def test_keys_are_kept() -> None:
    roster = Roster((Member("site-1", "spiffe://covey.test/cluster/site-1", ("k1", "k2")),))
    assert _parse(roster_data(roster)) == roster


def test_nobody_is_found_by_a_part_of_an_identity() -> None:
    roster = roster_of(["site-1"], trust_domain="covey.test")
    assert roster.find("spiffe://covey.test/cluster/site-1").cluster == "site-1"
    assert roster.find("spiffe://covey.test/cluster/site-") is None


def _with(**members) -> dict:
    return {"contract": 1, "members": members}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is no JSON"),
        (b"[" * 100000, "is no JSON"),
        ([], "must be an object"),
        ({"contract": 2, "members": {}}, "roster.json/contract must be a number from 1 to 1"),
        ({"contract": 1}, "roster.json/members is missing"),
        ({"contract": 1, "members": {"Site": {"identity": "x"}}}, "is no cluster's name"),
        (_with(a={"identity": "spiffe://covey.test/cluster/b"}), "must be spiffe://covey.test/cluster/a"),
        (_with(a={"identity": "spiffe://other.test/cluster/a"}), "must be spiffe://covey.test/cluster/a"),
        (_with(a={"identity": "spiffe://covey.test/cluster/a", "keys": ["a,b"]}), "members/a/keys must be a list"),
        (_with(a={"identity": "spiffe://covey.test/cluster/a", "key": "x"}), "a field that nobody reads"),
    ],
)
def test_a_mistake_is_one_sentence(data, why) -> None:
    with pytest.raises(BadStartError) as caught:
        _parse(data)
    assert why in str(caught.value)


def test_a_member_that_stands_twice_in_the_file_is_refused() -> None:
    text = b'{"contract":1,"members":{"a":{"identity":"x"},"a":{"identity":"spiffe://covey.test/cluster/a"}}}'
    with pytest.raises(BadStartError, match="'a' stands twice"):
        _parse(text)

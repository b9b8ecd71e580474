"""Epochs and keys as values, and the desk that threads share."""

from __future__ import annotations

import threading

import pytest

from covey_core.manifests import canonical_json
from covey_transport.roster import Member, Roster
from covey_transport.session.desk import Desk
from covey_transport.session.state import (
    RefusedError,
    Session,
    bound,
    opened,
    parse_session,
    registered,
    session_data,
)

FIRST = registered(opened(Session(), "first"), "site-1", epoch="first", key="k1")


def test_the_same_again_changes_nothing() -> None:
    assert opened(FIRST, "first") is FIRST
    assert registered(FIRST, "site-1", epoch="first", key="k1") is FIRST


def test_a_new_key_replaces_the_old_and_the_version_rises() -> None:
    second = registered(FIRST, "site-1", epoch="first", key="k2")
    assert (dict(second.keys), second.version) == ({"site-1": "k2"}, FIRST.version + 1)
    assert dict(FIRST.keys) == {"site-1": "k1"}


def test_a_new_epoch_knows_no_keys() -> None:
    assert opened(FIRST, "second") == Session("second", FIRST.version + 1)


@pytest.mark.parametrize(
    ("session", "cluster", "epoch", "key", "reason"),
    [
        (Session(), "site-1", "first", "k", "no-epoch"),
        (FIRST, "site-1", "second", "k", "other-epoch"),
        (FIRST, "site-2", "first", "k1", "key-taken"),
        (FIRST, "site-2", "first", "", "bad-key"),
        (FIRST, "site-2", "first", "k1,k2", "bad-key"),
    ],
)
def test_a_refusal_has_a_reason(session, cluster, epoch, key, reason) -> None:
    with pytest.raises(RefusedError) as caught:
        registered(session, cluster, epoch=epoch, key=key)
    assert caught.value.reason == reason


def test_a_registered_key_takes_the_place_of_the_rosters() -> None:
    roster = Roster((Member("site-1", "spiffe://a", ("old",)), Member("site-2", "spiffe://b", ("kept",))))
    assert [member.keys for member in bound(roster, FIRST).members] == [("k1",), ("kept",)]


@pytest.mark.parametrize("session", [Session(), FIRST])
def test_what_is_written_down_is_read_again(session) -> None:
    assert parse_session(canonical_json(session_data(session)), "session.json") == session


def test_nobody_hears_of_a_change_that_could_not_be_applied() -> None:
    def full(_: Session) -> None:
        raise OSError(28, "No space left on device")

    desk = Desk(FIRST, full)
    with pytest.raises(OSError, match="No space left"):
        desk.open("second")
    assert desk.wait_for_epoch(None, seconds=0) == "first"


def test_a_change_is_applied_before_anybody_hears_of_it() -> None:
    applied: list[Session] = []
    desk = Desk(Session(), applied.append)
    desk.open("first")
    assert [session.epoch for session in applied] == ["first"]
    desk.open("first")
    assert len(applied) == 1


def test_who_waits_is_woken_by_a_change_and_by_the_end() -> None:
    desk = Desk(FIRST, lambda _: None)
    heard: list[object] = []
    waits = [
        threading.Thread(target=lambda: heard.append(desk.wait_for_epoch("first", seconds=20))),
        threading.Thread(target=lambda: heard.append(desk.wait_for_change(FIRST.version + 1, seconds=20).epoch)),
    ]
    waits[0].start()
    desk.open("second")
    waits[0].join(5)
    waits[1].start()
    desk.close()
    waits[1].join(5)
    assert heard == ["second", "second"]

"""Who is here is told once when it comes and once when it goes."""

from __future__ import annotations

import json

import pytest

from inside_openfl import inside

presence = inside("presence")


@pytest.fixture
def time(monkeypatch):
    """The clock, which stands still until a test moves it."""
    clock = type("Clock", (), {"now": 1000.0})
    monkeypatch.setattr(presence.time, "monotonic", lambda: clock.now)
    return clock


@pytest.fixture
def told(monkeypatch):
    reports = []
    monkeypatch.setattr(presence, "report", lambda kind, **fields: reports.append((kind, fields["collaborator"])))
    return reports


@pytest.fixture
def members(tmp_path):
    path = tmp_path / "members.json"
    path.write_text(json.dumps({"site-1": "key", "site-2": "key"}))
    return path


def test_coming_and_going_is_told(time, told, members):
    known = presence.Presence(members)
    known.hear("site-1")
    assert known.look() == known.look() == {"site-1"}
    time.now += presence.SILENCE - 1
    known.hear("site-2")
    assert known.look() == {"site-1", "site-2"}
    time.now += 2
    assert known.look() == {"site-2"} == known.here
    known.hear("site-1")
    known.look()
    assert told == [("connected", "site-1"), ("connected", "site-2"), ("lost", "site-1"), ("connected", "site-1")]


def test_only_who_is_registered_counts(time, told, members):
    known = presence.Presence(members)
    known.hear("site-3")
    assert known.look() == frozenset()
    members.write_text(json.dumps({"site-3": "key"}))
    time.now += 1
    assert known.look() == {"site-3"} == known.registered
    assert told == [("connected", "site-3")]

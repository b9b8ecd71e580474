"""The end of a run is told to the session, also to one that is just restarting."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from covey_aggregator import training
from covey_core.launch.exits import Exit
from covey_transport.session.client import SessionError


class Session:
    """Refuses what is asked of it so many times."""

    def __init__(self, refusals):
        self.refusals, self.epochs = refusals, []

    def open(self, epoch):
        if self.refusals:
            self.refusals -= 1
            raise SessionError("just restarting")
        self.epochs.append(epoch)


@pytest.fixture
def finish(monkeypatch):
    """Starts the launcher of a run that is done; gives the epochs that the session was told."""
    start = SimpleNamespace(ports=SimpleNamespace(session=1), run=SimpleNamespace(uid="uid-1"))

    def made(*, refusals):
        session = Session(refusals)
        monkeypatch.setattr(training, "AggregatorSession", lambda _: session)
        done = training.train(SimpleNamespace(start=start), SimpleNamespace(result="there"), SimpleNamespace())
        assert done == Exit.DONE
        return session.epochs

    return made


@pytest.mark.parametrize("refusals", [0, 2])
def test_a_session_that_was_away_for_a_moment_hears_that_all_is_done(finish, refusals):
    assert finish(refusals=refusals) == ["uid-1-done"]


def test_a_session_that_stays_away_is_given_up(finish, monkeypatch):
    monkeypatch.setattr(training, "_TELLING", 0.3)
    assert finish(refusals=1000) == []

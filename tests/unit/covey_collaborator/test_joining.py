"""A collaborator that is refused waits as long as its job says, wherever it stands."""

from __future__ import annotations

import sys
import time
from types import SimpleNamespace

import pytest

from covey_collaborator import joining
from covey_core.launch.exits import Exit, LaunchError
from covey_runtimes.adapter import Process, Side
from covey_runtimes.launch.root import Root
from covey_runtimes.launch.run_folder import RunFolder
from covey_transport.session.client import SessionError
from start_data import start_data

START = start_data(side="collaborator", name="site-1")
EPOCH = "uid-1-00ff"


class Session:
    """What is None is refused."""

    def __init__(self):
        self.now, self.registers, self.registered = EPOCH, True, 0

    def epoch(self):
        if self.now is None:
            raise SessionError("not on the roster")
        return self.now

    def register(self, epoch, key):
        if not self.registers:
            raise SessionError(f"{key} is not taken in {epoch}")
        self.registered += 1


class Signals:
    stopped = False

    def wait(self, seconds):
        time.sleep(min(seconds, 0.05))


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A collaborator's folder, its runtime one process that sleeps, and the session that it asks."""
    for name in ("state", "data", "tmp", "app"):
        (tmp_path / name).mkdir()
    (tmp_path / "data/train.npz").write_bytes(b"data")
    asleep = Process("sleep", (sys.executable, "-c", "import time; time.sleep(60)"))
    adapter = SimpleNamespace(collaborator=lambda _: Side((asleep,), public_key="key"))
    session = Session()
    monkeypatch.setattr(joining, "CollaboratorSession", lambda _: session)
    monkeypatch.setattr(joining.adapters, "find", lambda _: adapter)
    run = RunFolder(tmp_path / "state", START)
    made = SimpleNamespace(session=session, signals=Signals(), data=tmp_path / "data", run=run)
    made.join = lambda: joining.Joining(Root(tmp_path, START), run, made.signals)
    yield made
    run.close()


def test_who_hears_nothing_of_its_own_run_ends_after_the_time_to_wait(place):
    place.session.now = None
    with pytest.raises(LaunchError, match="The aggregator did not answer within 1 s behind port 1") as caught:
        place.join().await_epoch()
    assert caught.value.code is Exit.AGAIN


def test_who_is_refused_while_it_registers_ends_after_the_time_to_wait(place):
    place.session.registers = False
    with pytest.raises(LaunchError, match="did not take this collaborator's key within 1 s") as caught:
        place.join().work_in(EPOCH)
    assert caught.value.code is Exit.AGAIN


def test_data_that_goes_away_ends_the_registering(place):
    place.session.registers = False
    (place.data / "train.npz").unlink()
    with pytest.raises(LaunchError, match="There is no data") as caught:
        place.join().work_in(EPOCH)
    assert caught.value.code is Exit.DATA


def test_who_is_told_to_stop_registers_no_more(place):
    """Each question to a network that loses packets takes seconds, of the ten that SIGTERM leaves."""
    place.signals.stopped = True
    assert place.join().work_in(EPOCH) is False
    assert place.session.registered == 0


def test_who_is_refused_while_it_works_ends_after_the_time_to_wait(place, monkeypatch):
    monkeypatch.setattr(place.session, "register", lambda *_: setattr(place.session, "now", None))
    joined = place.join()
    try:
        with pytest.raises(LaunchError, match="The aggregator did not answer within 1 s") as caught:
            joined.work_in(EPOCH)
    finally:
        joined.stop()
    assert caught.value.code is Exit.AGAIN

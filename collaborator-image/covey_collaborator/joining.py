"""One start of a collaborator: it joins each epoch of its aggregator, until the runtime says that all is done."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from covey_core.launch.epochs import is_done, run_of
from covey_core.launch.events import Type
from covey_core.launch.exits import Exit, LaunchError
from covey_runtimes import adapter as adapters
from covey_runtimes.launch.root import check_data
from covey_runtimes.launch.work import Work
from covey_transport.session.client import CollaboratorSession, KeyRefusedError, SessionError

if TYPE_CHECKING:
    from covey_runtimes.launch.root import Root
    from covey_runtimes.launch.run_folder import RunFolder
    from covey_runtimes.launch.signals import Signals

_LOOK_SECONDS = 0.5
_REGISTER_SECONDS = 5.0  # a proxy at the other end that is new may have forgotten who registered
_GRACE = 2.0  # an epoch that is over has nothing to save


def join(root: Root, run: RunFolder, signals: Signals) -> Exit:
    check_data(root)
    joining = Joining(root, run, signals)
    try:
        while not signals.stopped:
            epoch = joining.await_epoch()
            if epoch and (is_done(epoch) or joining.work_in(epoch)):
                run.events.write(Type.END, code=int(Exit.DONE))
                return Exit.DONE
    finally:
        joining.stop()
    run.events.write(Type.END, code=int(Exit.STOPPED))
    return Exit.STOPPED


class Joining:
    def __init__(self, root: Root, run: RunFolder, signals: Signals) -> None:
        self._root = root
        self._run = run
        self._signals = signals
        self._adapter = adapters.find(root.start.runtime)
        self._session = CollaboratorSession(root.start.ports.proxy)
        self._work: Work | None = None
        self._stranger = ""
        self._heard = time.monotonic()  # when this run's own aggregator last gave its epoch

    def await_epoch(self) -> str | None:
        """The aggregator's epoch; None when told to stop. A refused collaborator waits here until it is let in."""
        while not self._signals.stopped:
            if epoch := self._own_epoch():
                return epoch
            self._check_silence()
            check_data(self._root)
            self._signals.wait(_LOOK_SECONDS / 5)
        return None

    def work_in(self, epoch: str) -> bool:
        """True once the runtime is done; False when the epoch is over or the launcher was told to stop."""
        place = self._root.place(self._run, epoch=epoch, resume=None)
        place.reports.unlink(missing_ok=True)
        side = self._adapter.collaborator(place)
        if not self._registered(epoch, side.public_key):
            return False
        self._run.events.write(Type.SESSION, epoch=epoch)
        self._work = Work(place, self._run, self._signals)
        self._work.begin(side)
        over = self._follow(self._work, epoch, side.public_key)
        self.stop()
        return self._work.done and not over

    def stop(self) -> None:
        if self._work:
            self._work.stop(grace=_GRACE)

    def _follow(self, work: Work, epoch: str, key: str) -> bool:
        """True when another epoch has begun, or this one is to be joined anew."""
        look, register = 0.0, time.monotonic() + _REGISTER_SECONDS
        while not work.done and not self._signals.stopped:
            if self._write_reports(work):
                return True
            now = time.monotonic()
            if now < look:
                continue
            look = now + _LOOK_SECONDS
            check_data(self._root)
            if (self._own_epoch() or epoch) != epoch:
                return True
            self._check_silence()
            if now > register and not self._signals.stopped and self._register(epoch, key):
                register = now + _REGISTER_SECONDS
        return False

    def _write_reports(self, work: Work) -> bool:
        """True when a process asks to join anew."""
        try:
            for report in work.step():
                if report.type == Type.REJOIN:
                    return True
                if report.type != Type.END:
                    self._run.events.write(report.type, **report.fields)
        except LaunchError:
            check_data(self._root)  # the better reason why a process died
            raise
        return False

    def _registered(self, epoch: str, key: str) -> bool:
        """False when the epoch is over before it could be joined."""
        began = time.monotonic()
        while not self._signals.stopped:
            if self._register(epoch, key):
                return True
            if (self._own_epoch() or epoch) != epoch:
                return False
            self._check_silence()
            self._check_patience(began, "The aggregator's proxy did not take this collaborator's key")
            check_data(self._root)
            self._signals.wait(_LOOK_SECONDS)
        return False

    def _check_silence(self) -> None:
        """Who is refused, and whose aggregator is gone, waits no longer than the job says."""
        self._check_patience(self._heard, "The aggregator did not answer")

    def _check_patience(self, since: float, what: str) -> None:
        seconds = self._root.start.timeouts.waiting
        if time.monotonic() > since + seconds:
            said = f"{what} within {seconds} s behind port {self._root.start.ports.proxy}."
            raise LaunchError(said, code=Exit.AGAIN)

    def _register(self, epoch: str, key: str) -> bool:
        try:
            self._session.register(epoch, key)
        except SessionError:
            return False
        except KeyRefusedError as error:
            raise LaunchError(f"The session refuses this collaborator's key: {error}", code=Exit.AGAIN) from error
        return True

    def _own_epoch(self) -> str | None:
        """Of this collaborator's own run: an epoch begins with the run's uid."""
        try:
            epoch = self._session.epoch()
        except SessionError:
            return None
        uid = run_of(epoch)
        if uid == self._root.start.run.uid:
            self._heard = time.monotonic()
            return epoch
        if uid != self._stranger:
            self._stranger = uid
            self._run.events.write(Type.ERROR, message=f"At the other end is the run {uid}; waiting.")
        return None

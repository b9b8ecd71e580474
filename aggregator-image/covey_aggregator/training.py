"""One start of the aggregator: an epoch, from the last finished round to the model."""

from __future__ import annotations

import json
import secrets
import time
from typing import TYPE_CHECKING, Any

from covey_core.launch.epochs import done_epoch, epoch_of
from covey_core.launch.events import Report, Type
from covey_core.launch.exits import Exit, LaunchError
from covey_runtimes import adapter as adapters
from covey_runtimes.launch import disk
from covey_runtimes.launch.work import Work
from covey_transport.session.client import AggregatorSession, SessionError

if TYPE_CHECKING:
    from covey_runtimes.adapter import Place
    from covey_runtimes.launch.root import Root
    from covey_runtimes.launch.run_folder import RunFolder
    from covey_runtimes.launch.signals import Signals

_HURRY, _CALM = 0.1, 1.0  # seconds between looks at the session: while collaborators are missing, and later
_TELLING, _TELL_AGAIN = 5.0, 0.2  # seconds for telling it that all is done: nobody tells it later


def train(root: Root, run: RunFolder, signals: Signals) -> Exit:
    """Goes on where the run's folder says; a run that is done is left alone."""
    if run.result:
        _say_done(root)
        return Exit.DONE
    adapter = adapters.find(root.start.runtime)
    place = root.place(run, epoch=epoch_of(root.start.run.uid, secrets.token_hex(8)), resume=run.resume())
    training = Training(place, run, signals)
    try:
        training.begin()
        side = adapter.aggregator(place)
        training.work.begin(side)
        while not training.work.done and not signals.stopped:
            training.step()
        code = training.end()
    finally:
        training.work.stop()
    if code == Exit.DONE and _say_done(root):
        time.sleep(side.farewell)
    return code


def _say_done(root: Root) -> bool:
    """By an epoch that nobody joins, so that collaborators whose runtime does not tell them end as well."""
    session, end = AggregatorSession(root.start.ports.session), time.monotonic() + _TELLING
    while True:
        try:
            session.open(done_epoch(root.start.run.uid))
        except SessionError:
            if time.monotonic() > end:
                return False
            time.sleep(_TELL_AGAIN)
        else:
            return True


class Training:
    def __init__(self, place: Place, run: RunFolder, signals: Signals) -> None:
        self.work = Work(place, run, signals)
        self._place = place
        self._start = place.start
        self._run = run
        self._session = AggregatorSession(self._start.ports.session)
        self._version = 0
        self._connected: set[str] = set()
        self._since = time.monotonic()  # what the timeouts of waiting and of a round count from
        self._next_question = 0.0

    def begin(self) -> None:
        """A round whose launcher was killed between its checkpoint and its event gets the event now."""
        latest = self._run.latest
        if latest and latest.round > self._run.events.last_round:
            self._run.events.write(Type.ROUND, round=latest.round, metrics=latest.metrics)
        done = latest.round if latest else 0
        self._run.events.write(Type.SESSION, epoch=self._place.epoch, after=done)
        disk.write(self._place.members, b"{}")
        self._ask_session()

    def step(self) -> None:
        for report in self.work.step():
            self._take(report)
        self._ask_session()
        self._check_time()

    def end(self) -> Exit:
        """With the model where there is one; else the launcher was told to stop, and a round under way is dropped."""
        self.work.stop()
        for report in self.work.reports():
            self._take(report)
        if not self.work.done:
            done = self._run.latest.round if self._run.latest else 0
            self._run.events.write(Type.END, code=int(Exit.STOPPED), round=done)
            return Exit.STOPPED
        record = self._run.keep_model()
        self._run.events.write(Type.END, code=int(Exit.DONE), round=record.round, model=record.digest)
        return Exit.DONE

    @property
    def _needed(self) -> int:
        return self._start.minimum_per_round if self._run.latest else self._start.minimum

    def _take(self, report: Report) -> None:
        fields: dict[str, Any] = dict(report.fields)
        match report.type:
            case Type.ROUND:
                self._take_round(fields)
                return
            case Type.CONNECTED:
                self._count(fields["collaborator"], here=True)
            case Type.LOST:
                self._count(fields["collaborator"], here=False)
            case Type.END:
                return  # the launcher's own event says more
        self._run.events.write(report.type, **fields)

    def _take_round(self, fields: dict[str, Any]) -> None:
        number, folder = fields["round"], fields.pop("folder", None)
        if not isinstance(folder, str):
            raise LaunchError(f"The runtime reported round {number} without its folder.", code=Exit.AGAIN)
        known = self._run.latest.round if self._run.latest else 0
        self._run.keep_round(number, folder=folder, metrics=fields.get("metrics", {}))
        self._since = time.monotonic()
        if number > known:
            self._run.events.write(Type.ROUND, **fields)

    def _count(self, name: str, *, here: bool) -> None:
        before = len(self._connected)
        (self._connected.add if here else self._connected.discard)(name)
        if (before < self._needed) != (len(self._connected) < self._needed):
            self._since = time.monotonic()

    def _ask_session(self) -> None:
        """The proxy may be new, and have forgotten the epoch: it is told again and again."""
        if time.monotonic() < self._next_question:
            return
        missing = len(self._connected) < self._needed
        self._next_question = time.monotonic() + (_HURRY if missing else _CALM)
        try:
            version = self._session.open(self._place.epoch)
            if version == self._version:
                return
            members = self._session.members()
        except SessionError:
            return  # not there yet, or just restarting
        disk.write(self._place.members, json.dumps(members.keys).encode())
        self._version = members.version

    def _check_time(self) -> None:
        waited, here = time.monotonic() - self._since, len(self._connected)
        if here < self._needed and waited > self._start.timeouts.waiting:
            raise LaunchError(
                f"Only {here} of the {self._needed} collaborators needed are connected "
                f"after {self._start.timeouts.waiting} s: {', '.join(sorted(self._connected)) or 'none'}.",
                code=Exit.AGAIN,
            )
        if here >= self._needed and waited > self._start.timeouts.round:
            raise LaunchError(f"No round was finished within {self._start.timeouts.round} s.", code=Exit.AGAIN)

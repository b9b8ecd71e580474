"""Roster and session together, as Envoy sees them: one writer for the file of routes."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from covey_transport.errors import BadStartError
from covey_transport.layout import ADMIN_SOCKET
from covey_transport.proxy.admission import admission_routes
from covey_transport.roster import Roster
from covey_transport.session.state import Session, bound, parse_session, session_data
from covey_transport.supervisor import admin
from covey_transport.supervisor.side import write_data
from covey_transport.supervisor.telling import tell

if TYPE_CHECKING:
    from covey_transport.layout import Layout
    from covey_transport.proxy.rules import Rules

_UPDATES = "http.fleet.rds.fleet.update_success"
_EFFECT_SECONDS = 2.0


class Admission:
    """Threads of the session and the loop's roster meet here."""

    def __init__(self, layout: Layout, rules: Rules) -> None:
        self._layout = layout
        self._rules = rules
        self._lock = threading.Lock()
        self._roster = Roster()
        self.session = _kept_session(layout)

    def cluster_of(self, identity: str) -> str | None:
        member = self._roster.find(identity)
        return member.cluster if member else None

    def write(self) -> None:
        with self._lock:
            self._write()

    def set_roster(self, roster: Roster) -> None:
        with self._lock:
            before = {member.cluster for member in self._roster.members}
            self._roster = roster
            self._write()
        after = {member.cluster for member in roster.members}
        tell("roster", members=sorted(after), added=sorted(after - before), removed=sorted(before - after))

    def set_session(self, session: Session) -> None:
        """Returns when Envoy has taken the keys, so that a collaborator that hears "registered" is let in."""
        with self._lock:
            before = _updates()
            known, self.session = self.session, session
            try:
                write_data(self._layout.session, session_data(session))
                self._write()
            except OSError:
                self.session = known
                raise
            _wait_for_more(before)

    def _write(self) -> None:
        write_data(self._layout.routes, admission_routes(bound(self._roster, self.session), self._rules))


def _kept_session(layout: Layout) -> Session:
    """A proxy that starts again knows the keys; what it can't read is forgotten, and the keys are refused meanwhile."""
    try:
        return parse_session(layout.session.read_bytes(), "session.json")
    except FileNotFoundError:
        return Session()
    except BadStartError as error:
        tell("session", what="forgotten", why=str(error))
        return Session()


def _updates() -> int:
    return admin.counters(Path(ADMIN_SOCKET), "^" + _UPDATES.replace(".", r"\.") + "$").get(_UPDATES, 0)


def _wait_for_more(before: int) -> None:
    """A roster that Envoy does not take in time is told; the requests it would allow wait until it does."""
    until = time.monotonic() + _EFFECT_SECONDS
    while _updates() <= before:
        if time.monotonic() > until:
            tell("routes", what="late", why=f"Envoy did not take the new routes within {_EFFECT_SECONDS:g} s.")
            return
        time.sleep(0.002)

"""One session shared by threads: changes are applied before anybody hears of them, and whoever waits is woken."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from covey_transport.session.state import RefusedError, Session, opened, registered

if TYPE_CHECKING:
    from collections.abc import Callable


class Desk:
    """`apply` makes a new session hold (writes it down, binds its keys) and may raise; then nothing has changed."""

    def __init__(self, session: Session, apply: Callable[[Session], None]) -> None:
        self._session = session
        self._apply = apply
        self._changed = threading.Condition()
        self._closed = False

    @property
    def version(self) -> int:
        """Rises with every change; two changes at once may be told as one."""
        return self._session.version

    def open(self, epoch: str) -> Session:
        with self._changed:
            return self._become(opened(self._session, epoch))

    def register(self, cluster: str, *, epoch: str, key: str) -> Session:
        with self._changed:
            return self._become(registered(self._session, cluster, epoch=epoch, key=key))

    def wait_for_epoch(self, after: str | None, *, seconds: float) -> str:
        """The epoch, at once if it is not `after`; raises RefusedError where none has begun."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._session.epoch not in {None, after}, seconds)
            if self._session.epoch is None:
                raise RefusedError("no-epoch", "The aggregator has not started yet.")
            return self._session.epoch

    def wait_for_change(self, version: int, *, seconds: float) -> Session:
        """The session, at once if its version is not `version`."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._session.version != version, seconds)
            return self._session

    def close(self) -> None:
        """Ends all waiting, so that a drain has nothing to wait for."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _become(self, session: Session) -> Session:
        if session is not self._session:
            self._apply(session)
            self._session = session
            self._changed.notify_all()
        return session

"""What a session is, and how it changes: pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from covey_transport.checked import Checked, decode
from covey_transport.roster import KEY, Member, Roster

if TYPE_CHECKING:
    from collections.abc import Mapping

CONTRACT = 1
EPOCH = re.compile(r"[A-Za-z0-9-]{1,64}\Z")


class RefusedError(Exception):
    """Why the session says no; `reason` is for programs, the text for people."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Session:
    """`version` rises with each change, also over epochs; `keys` holds one key for each registered cluster."""

    epoch: str | None = None
    version: int = 0
    keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def opened(session: Session, epoch: str) -> Session:
    """A new epoch forgets all keys: what talked to the aggregator before it must register again."""
    if epoch == session.epoch:
        return session
    return Session(epoch, session.version + 1)


def registered(session: Session, cluster: str, *, epoch: str, key: str) -> Session:
    """`cluster` is proven by its certificate; a new key of the same cluster replaces its old one."""
    if session.epoch is None:
        raise RefusedError("no-epoch", "The aggregator has not started yet.")
    if epoch != session.epoch:
        raise RefusedError("other-epoch", f"The epoch is {session.epoch}, not {epoch}: the aggregator started again.")
    if not KEY.match(key):
        raise RefusedError("bad-key", "A key is 1 to 4096 printable ASCII characters without spaces and commas.")
    if session.keys.get(cluster) == key:
        return session
    if key in session.keys.values():
        raise RefusedError("key-taken", "Another cluster has registered this key.")
    return replace(session, version=session.version + 1, keys=MappingProxyType({**session.keys, cluster: key}))


def bound(roster: Roster, session: Session) -> Roster:
    """The roster with the keys of this session; a registered key takes the place of those in the roster."""
    return Roster(tuple(_bound(member, session) for member in roster.members))


def session_data(session: Session) -> dict[str, Any]:
    return {"contract": CONTRACT, "epoch": session.epoch, "version": session.version, "keys": dict(session.keys)}


def parse_session(data: bytes, where: str) -> Session:
    fields = Checked(decode(data, where), where, ("contract", "epoch", "version", "keys"))
    fields.number("contract", CONTRACT, CONTRACT)
    keys = fields.object("keys")
    epoch = None if fields.value("epoch") is None else fields.text("epoch", EPOCH)
    bound_keys = {cluster: keys.text(cluster, KEY) for cluster in keys.names()}
    return Session(epoch, int(fields.number("version", 0, 1 << 53)), MappingProxyType(bound_keys))


def _bound(member: Member, session: Session) -> Member:
    key = session.keys.get(member.cluster)
    return replace(member, keys=(key,)) if key else member

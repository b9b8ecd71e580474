"""A throw-away authority for one start of a local run, and one certificate per side, renewed in time.

The authority's key never leaves this process: after a restart of `covey run` there is another authority.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from covey_cli.local_run.plan import HUB, SERVER_NAME
from covey_core import names
from covey_transport.identity.authority import Usage, issue, make_authority
from covey_transport.identity.folder import write_identity

if TYPE_CHECKING:
    from covey_cli.local_run.plan import Plan
    from covey_transport.identity.authority import KeyPair

SECONDS = 8 * 3600.0  # as in the clusters
_AUTHORITY_SECONDS = 366 * 24 * 3600.0  # the longest that a run may take
_SKEW = timedelta(minutes=1)


class Certificates:
    def __init__(self, plan: Plan, *, seconds: float = SECONDS) -> None:
        self._plan = plan
        self._seconds = seconds
        self._authority = make_authority(f"covey run {plan.uid}", now=_now(), seconds=_AUTHORITY_SECONDS)
        self._renewal = _now()

    def renew_if_due(self) -> bool:
        """Writes `tls/` of every side where half of the certificates' time is over."""
        now = _now()
        if now < self._renewal:
            return False
        for name in self._plan.sides:
            pair = self._server(now) if name == HUB else self._client(name, now)
            write_identity(self._plan.root(name) / "tls", pair, authorities=(self._authority.pem,))
        self._renewal = now + timedelta(seconds=self._seconds / 2)
        return True

    def _server(self, now: datetime) -> KeyPair:
        return issue(
            self._authority,
            self._plan.identity,
            usage=Usage.SERVER,
            now=now,
            seconds=self._seconds,
            server_names=(SERVER_NAME,),
        )

    def _client(self, name: str, now: datetime) -> KeyPair:
        identity = names.cluster_identity(self._plan.trust_domain, name)
        return issue(self._authority, identity, usage=Usage.CLIENT, now=now, seconds=self._seconds)


def _now() -> datetime:
    """A little in the past: valid at once for whoever compares it with a clock of whole seconds."""
    return datetime.now(UTC).replace(microsecond=0) - _SKEW

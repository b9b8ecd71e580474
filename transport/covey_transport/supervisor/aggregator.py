"""The aggregator's side: roster and session in, routes out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from covey_transport.errors import BadStartError, TransportError
from covey_transport.layout import AUTHORITIES, SESSION_SOCKET
from covey_transport.proxy import parts
from covey_transport.proxy.aggregator import AggregatorProxy, aggregator_bootstrap
from covey_transport.roster import parse_roster
from covey_transport.session.desk import Desk
from covey_transport.session.service import serve_collaborators, serve_launcher
from covey_transport.supervisor.admission import Admission
from covey_transport.supervisor.side import missing_file, own_files, write_data
from covey_transport.supervisor.telling import tell
from covey_transport.supervisor.watch import Watched

if TYPE_CHECKING:
    import socketserver
    from collections.abc import Sequence

    from covey_transport.layout import Layout
    from covey_transport.supervisor.start import Start


class AggregatorSide:
    """The roster comes as a file; in a cluster somebody else will call `admission.set_roster`."""

    pause = 0.02

    def __init__(self, layout: Layout, start: Start, *, trust_domain: str, listen: str, limits: parts.Limits) -> None:
        self._layout = layout
        self._start = start
        self._trust_domain = trust_domain
        self._listen = listen
        self._limits = limits
        self._roster = Watched(layout.roster)
        self._servers: list[socketserver.BaseServer] = []
        self.admission = Admission(layout, start.rules)
        self._desk = Desk(self.admission.session, self.admission.set_session)

    def missing(self) -> str | None:
        return missing_file([*own_files(self._layout), self._layout.tls / AUTHORITIES], self._layout)

    def prepare(self) -> None:
        layout, start = self._layout, self._start
        write_data(layout.own_certificate, parts.certificate_secret(layout.tls))
        write_data(layout.peers, parts.authorities_secret(layout.tls / AUTHORITIES))
        proxy = AggregatorProxy(
            layout=layout,
            listen=self._listen,
            port=start.proxy_port,
            runtime_port=start.runtime_port,
            trust_domain=self._trust_domain,
            rules=start.rules,
            limits=self._limits,
        )
        write_data(layout.bootstrap, aggregator_bootstrap(proxy))
        self.admission.write()
        self.step()

    def check(self, identities: Sequence[str]) -> None:
        if list(identities) != [self._start.identity]:
            shown = ", ".join(identities) or "nobody"
            raise BadStartError(f"The certificate in tls/ is for {shown}, not for this run: {self._start.identity}.")

    def serve(self) -> None:
        collaborators = serve_collaborators(
            Path(SESSION_SOCKET), self._desk, members=self.admission.cluster_of, tell=tell
        )
        self._servers.append(collaborators)
        try:
            self._servers.append(serve_launcher(self._start.session_port, self._desk, tell=tell))
        except OSError as error:
            raise TransportError(f"The session's port {self._start.session_port}: {error.strerror}.") from error

    def step(self) -> None:
        data = self._roster.news()
        if data is None:
            return
        try:
            self.admission.set_roster(parse_roster(data, "roster.json", trust_domain=self._trust_domain))
        except BadStartError as error:
            tell("roster", what="refused", why=f"{error} The roster before it stays.")

    def quiet(self) -> None:
        self._desk.close()

    def close(self) -> None:
        self._desk.close()
        for server in self._servers:
            server.shutdown()
            server.server_close()

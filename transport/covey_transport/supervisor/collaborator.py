"""A collaborator's side: the aggregator's address in, routes and cluster out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covey_transport.errors import BadStartError
from covey_transport.proxy import parts
from covey_transport.proxy.collaborator import (
    CollaboratorProxy,
    Peer,
    collaborator_bootstrap,
    collaborator_clusters,
    collaborator_routes,
)
from covey_transport.supervisor.side import missing_file, own_files, write_data
from covey_transport.supervisor.start import parse_net
from covey_transport.supervisor.telling import tell
from covey_transport.supervisor.watch import Watched

if TYPE_CHECKING:
    from collections.abc import Sequence

    from covey_transport.layout import Layout
    from covey_transport.supervisor.start import Start


class CollaboratorSide:
    pause = 0.1

    def __init__(self, layout: Layout, start: Start, *, trust_domain: str) -> None:
        self._layout = layout
        self._start = start
        self._trust_domain = trust_domain
        self._net = Watched(layout.net)
        self._peer: Peer | None = None

    def missing(self) -> str | None:
        missing = missing_file([*own_files(self._layout), self._layout.net], self._layout)
        if missing is not None:
            return missing
        if (data := self._net.news()) is not None:
            self._peer = self._parse(data)
        return None if self._peer is None else missing_file([self._peer.authorities], self._layout)

    def prepare(self) -> None:
        layout, start = self._layout, self._start
        write_data(layout.own_certificate, parts.certificate_secret(layout.tls))
        proxy = CollaboratorProxy(layout, start.proxy_port, start.rules, parts.Limits())
        write_data(layout.bootstrap, collaborator_bootstrap(proxy))
        self._write_peer()

    def check(self, identities: Sequence[str]) -> None:
        prefix = f"spiffe://{self._trust_domain}/cluster/"
        if len(identities) != 1 or not identities[0].startswith(prefix):
            shown = ", ".join(identities) or "nobody"
            raise BadStartError(f"The certificate in tls/ is for {shown}, not for a cluster: {prefix}….")

    def serve(self) -> None:
        """Nothing runs beside Envoy here."""

    def step(self) -> None:
        data = self._net.news()
        if data is None:
            return
        try:
            self._peer = self._parse(data)
        except BadStartError as error:
            tell("net", what="refused", why=f"{error} The data before it stays.")
        else:
            self._write_peer()

    def quiet(self) -> None:
        """Nobody waits here."""

    def close(self) -> None:
        """Nothing to close."""

    def _parse(self, data: bytes) -> Peer:
        return parse_net(data, root=self._layout.root, start=self._start)

    def _write_peer(self) -> None:
        peer = self._peer
        if peer is None:
            return
        write_data(self._layout.peers, parts.authorities_secret(peer.authorities))
        write_data(self._layout.clusters, collaborator_clusters(peer, self._layout))
        write_data(self._layout.routes, collaborator_routes(peer, self._start.rules))
        tell("net", address=f"{peer.host}:{peer.port}", serverName=peer.server_name, identity=peer.identity)

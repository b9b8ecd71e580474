"""Where things are below a side's root folder (`/covey` in a Pod); see the launcher's contract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

# Beside the working directory of Envoy and its supervisor: a Unix socket's path may have 107 bytes at most.
ADMIN_SOCKET: Final = "admin.sock"
SESSION_SOCKET: Final = "session.sock"

# Names in a Secret of type kubernetes.io/tls, and in its volume.
CERTIFICATE: Final = "tls.crt"
KEY: Final = "tls.key"
AUTHORITIES: Final = "ca.crt"


@dataclass(frozen=True, slots=True)
class Layout:
    """Every path that the proxy of one side reads or writes."""

    root: Path

    @property
    def start(self) -> Path:
        return self.root / "start.json"

    @property
    def net(self) -> Path:
        """In a folder of its own, because it changes: in a Pod it is a ConfigMap's volume."""
        return self.root / "net" / "net.json"

    @property
    def roster(self) -> Path:
        return self.root / "roster.json"

    @property
    def tls(self) -> Path:
        return self.root / "tls"

    @property
    def proxy(self) -> Path:
        """The proxy's own folder; nothing else may write there."""
        return self.root / "proxy"

    @property
    def bootstrap(self) -> Path:
        return self.proxy / "envoy.json"

    @property
    def live(self) -> Path:
        """What Envoy watches: routes (with the roster inside) and clusters."""
        return self.proxy / "live"

    @property
    def routes(self) -> Path:
        return self.live / "routes.json"

    @property
    def clusters(self) -> Path:
        return self.live / "clusters.json"

    @property
    def own_certificate(self) -> Path:
        return self.proxy / "own-certificate.json"

    @property
    def peers(self) -> Path:
        return self.proxy / "peers.json"

    @property
    def session(self) -> Path:
        """Epoch and keys, so that a proxy that starts again still knows them."""
        return self.proxy / "session.json"

    @property
    def serving(self) -> Path:
        """There once the certificate has been checked and somebody may be served."""
        return self.proxy / "serving"

    @property
    def draining(self) -> Path:
        """There from the moment `covey-proxy drain` was called."""
        return self.proxy / "draining"

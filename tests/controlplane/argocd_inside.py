"""Argo CD's processes, inside of their own network; `argocd.py` starts this, and its end is theirs.

`python -m controlplane.argocd_inside FOLDER PORT SOCKET KUBECONFIG`
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from controlplane import argocd_redis, binaries
from controlplane.processes import Servers, wait
from covey_runtimes.launch.children import answers

_REDIS, _REPO, _METRICS, _REPO_METRICS, _SET_METRICS, _SET_PROBES, _SET_HOOKS = range(6380, 6387)
_SET_FLAGS, _UP = 0x8914, 1  # SIOCSIFFLAGS, IFF_UP


@dataclass(frozen=True)
class Inside:
    folder: Path
    port: int
    hub: Path
    kubeconfig: Path

    def run(self) -> None:
        """Until it is killed, or one of the processes ends, which ends all."""
        _loopback_up()
        servers = Servers(self.folder / "logs")
        try:
            self._start(servers)
            (self.folder / "ready").touch()
            while True:
                servers.check()
                time.sleep(0.2)
        finally:
            servers.close()

    def _start(self, servers: Servers) -> None:
        relay = [sys.executable, "-m", "controlplane.argocd_network", "inside", str(self.port), self.hub]
        servers.start("relay", relay)
        servers.start("redis", [*self._redis(), "--port", str(_REDIS), "--save", "", "--appendonly", "no"])
        servers.start("repo-server", self._repo_server(), env=self._env("argocd-repo-server"))
        for port in (self.port, _REDIS, _REPO):
            wait(lambda at=port: answers(at), f"port {port}", servers=servers)
        servers.start("controller", self._controller(), env=self._env("argocd-application-controller"))
        servers.start("sets", self._sets(), env=self._env("argocd-applicationset-controller"))
        wait(lambda: answers(_METRICS), "the application controller", servers=servers)

    def _env(self, program: str) -> dict[str, str]:
        """One binary is all of the programs; nothing of the machine's or the user's settings is read."""
        folder = self.folder
        return {
            "ARGOCD_BINARY_NAME": program,
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "HOME": str(folder / "home"),
            "TMPDIR": str(folder / "tmp"),
            "KUBECONFIG": str(self.kubeconfig),
            "ARGOCD_FAKE_IN_CLUSTER": "true",  # https://kubernetes.default.svc is the kubeconfig's cluster
            "ARGOCD_GPG_ENABLED": "false",
            "ARGOCD_ASK_PASS_SOCK": str(folder / "ask"),
            "ARGOCD_PLUGINSOCKFILEPATH": str(folder / "plugins"),
            "ARGOCD_RECONCILIATION_JITTER": "0",
            "ARGOCD_SYNC_WAVE_DELAY": "0",
            "GIT_CONFIG_GLOBAL": str(folder / "home/gitconfig"),
            "GIT_CONFIG_NOSYSTEM": "1",
        }

    def _redis(self) -> list[str]:
        return [str(argocd_redis.find()), "--bind", "127.0.0.1", "--dir", str(self.folder / "tmp")]

    def _repo_server(self) -> list[str]:
        return [
            str(binaries.need("argocd")),
            *("--address", "127.0.0.1", "--port", str(_REPO)),
            *("--metrics-address", "127.0.0.1", "--metrics-port", str(_REPO_METRICS)),
            *("--redis", f"127.0.0.1:{_REDIS}", "--disable-tls", "--client-ca-path", ""),
            *("--revision-cache-expiration", "1s", "--logformat", "text"),
        ]

    def _controller(self) -> list[str]:
        return [
            str(binaries.need("argocd")),
            *("--kubeconfig", str(self.kubeconfig), "--namespace", "argocd", "--redis", f"127.0.0.1:{_REDIS}"),
            *("--repo-server", f"127.0.0.1:{_REPO}", "--repo-server-plaintext", "--metrics-port", str(_METRICS)),
            *("--app-resync", "0", "--persist-resource-health", "--self-heal-timeout-seconds", "1"),
            *("--self-heal-backoff-timeout-seconds", "0", "--logformat", "text"),
        ]

    def _sets(self) -> list[str]:
        return [
            str(binaries.need("argocd")),
            *("--kubeconfig", str(self.kubeconfig), "--namespace", "argocd"),
            *("--argocd-repo-server", f"127.0.0.1:{_REPO}", "--repo-server-plaintext"),
            *("--metrics-addr", f"127.0.0.1:{_SET_METRICS}", "--probe-addr", f"127.0.0.1:{_SET_PROBES}"),
            *("--webhook-addr", f"127.0.0.1:{_SET_HOOKS}", "--logformat", "text"),
        ]


def _loopback_up() -> None:
    """A new network has its loopback down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sh", b"lo", _UP))


if __name__ == "__main__":
    _folder, _port, _socket, _kubeconfig = sys.argv[1:]
    Inside(Path(_folder), int(_port), Path(_socket), Path(_kubeconfig)).run()

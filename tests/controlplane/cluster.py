"""One cluster's control plane: kube-apiserver and kube-controller-manager, as in a real cluster but for nodes."""

from __future__ import annotations

import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lightkube import Client, KubeConfig
from lightkube.resources.core_v1 import ServiceAccount
from lightkube.resources.rbac_authorization_v1 import ClusterRole

from controlplane import binaries, kubeconfigs
from controlplane.pki import Authority, make_authority, public_pem
from controlplane.processes import Servers, wait

if TYPE_CHECKING:
    from pathlib import Path

    from controlplane.processes import Server

# What a cluster's own controllers do for tests; nodes are run by the node agent, so their life cycle is left out.
_CONTROLLERS = (
    "bootstrapsigner,clusterrole-aggregation,cronjob,csrapproving,csrcleaner,csrsigning,daemonset,deployment,"
    "disruption,endpoint,endpointslice,garbagecollector,job,namespace,persistentvolume-binder,podgc,pvc-protection,"
    "pv-protection,replicaset,resourcequota,root-ca-cert-publisher,serviceaccount,serviceaccount-token,statefulset,"
    "tokencleaner,ttl-after-finished,validatingadmissionpolicy-status-controller"
)


@dataclass
class Cluster:
    """`port` stays the same over restarts: OCM's agents know their hub by its address."""

    name: str
    folder: Path
    port: int
    etcd: str
    servers: Servers
    authority: Authority = field(default_factory=lambda: make_authority("covey test plane"))
    running: list[Server] = field(default_factory=list)
    _clients: list[Client] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def admin(self) -> Path:
        """The kubeconfig of a member of `system:masters`."""
        return self.folder / "admin.kubeconfig"

    @cached_property
    def client(self) -> Client:
        """Lightkube's client as admin."""
        return self.client_of(self.admin)

    def client_of(self, kubeconfig: Path) -> Client:
        made = Client(config=KubeConfig.from_file(kubeconfig), field_manager="covey-tests", trust_env=False)
        self._clients.append(made)
        return made

    def prepare(self) -> None:
        """Certificates and kubeconfigs."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.authority.write(self.folder)
        certificate, key = self.authority.issue("kube-apiserver", server=True)
        (self.folder / "apiserver.crt").write_bytes(certificate)
        (self.folder / "apiserver.key").write_bytes(key)
        (self.folder / "accounts.key").write_bytes((self.folder / "ca.key").read_bytes())
        (self.folder / "accounts.pub").write_bytes(public_pem(self.authority.key))
        self.kubeconfig(self.admin, "admin", groups=("system:masters",))

    def kubeconfig(self, path: Path, user: str, *, groups: tuple[str, ...] = ()) -> Path:
        """A kubeconfig for anybody."""
        said = kubeconfigs.with_certificate(self.authority.issue(user, groups=groups))
        return kubeconfigs.write(path, kubeconfigs.kubeconfig(self.url, authority=self.authority.pem, user=said))

    def token_kubeconfig(self, path: Path, token: str) -> Path:
        """A kubeconfig for who holds a token, such as a service account's."""
        text = kubeconfigs.kubeconfig(self.url, authority=self.authority.pem, user={"token": token})
        return kubeconfigs.write(path, text)

    def start(self) -> None:
        """The API server; `wait_ready` goes on from here."""
        self.running = [self.servers.start(f"{self.name}-apiserver", self._apiserver())]

    def wait_ready(self, *, seconds: float = 90.0) -> None:
        """Then the controllers: they give up where the API takes more than ten seconds, as on a busy machine."""
        wait(self.is_ready, f"the API of {self.name}", servers=self.servers, seconds=seconds)
        self.running.append(self.servers.start(f"{self.name}-controllers", self._controllers()))

    def wait_settled(self) -> None:
        """Until the controllers have made what each cluster has: before, a look at it would miss their accounts."""
        wait(self._is_settled, f"what the controllers of {self.name} make", servers=self.servers)

    def _is_settled(self) -> bool:
        accounts = {one.metadata.name for one in self.client.list(ServiceAccount, namespace="default") if one.metadata}
        return "default" in accounts and bool(self.client.get(ClusterRole, "admin").rules)

    def close(self) -> None:
        """Ends the connections of all clients; the servers are the plane's to stop."""
        for client in self._clients:
            client.close()

    def is_ready(self) -> bool:
        trust = ssl.create_default_context(cadata=self.authority.pem.decode())
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2, context=trust) as answer:  # noqa: S310 - our own URL
                return answer.status == 200
        except (OSError, urllib.error.URLError):
            return False

    def _apiserver(self) -> list[Any]:
        folder = self.folder
        return [
            binaries.need("kube-apiserver"),
            f"--etcd-servers={self.etcd}",
            f"--etcd-prefix=/{self.name}",
            "--bind-address=127.0.0.1",
            f"--secure-port={self.port}",
            f"--tls-cert-file={folder / 'apiserver.crt'}",
            f"--tls-private-key-file={folder / 'apiserver.key'}",
            f"--client-ca-file={folder / 'ca.crt'}",
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction",
            "--service-cluster-ip-range=10.0.0.0/16",
            "--allow-privileged=true",
            f"--service-account-issuer={self.url}",
            f"--service-account-key-file={folder / 'accounts.pub'}",
            f"--service-account-signing-key-file={folder / 'accounts.key'}",
            "--endpoint-reconciler-type=none",
            "--profiling=false",
            "--v=1",
        ]

    def _controllers(self) -> list[Any]:
        folder = self.folder
        return [
            binaries.need("kube-controller-manager"),
            f"--kubeconfig={self.admin}",
            f"--controllers={_CONTROLLERS}",
            "--use-service-account-credentials",
            f"--root-ca-file={folder / 'ca.crt'}",
            f"--service-account-private-key-file={folder / 'accounts.key'}",
            f"--cluster-signing-cert-file={folder / 'ca.crt'}",
            f"--cluster-signing-key-file={folder / 'ca.key'}",
            "--leader-elect=false",
            "--bind-address=127.0.0.1",
            "--secure-port=0",
            "--v=1",
        ]

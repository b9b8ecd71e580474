"""Argo CD beside a hub: application controller, repo server, ApplicationSet controller and Redis, as processes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from controlplane import argocd_redis, binaries
from controlplane.crd_files import load
from controlplane.processes import wait

if TYPE_CHECKING:
    from controlplane.plane import Plane
    from controlplane.processes import Server
    from controlplane.rest import Rest

NAMESPACE: Final = "argocd"
_TESTS: Final = Path(__file__).resolve().parents[1]
_APPLY: Final = "application/apply-patch+yaml"


def missing() -> str:
    """Why Argo CD can't run here; empty where it can."""
    if binaries.find("argocd") is None:
        return "argocd is not built: run `make binaries`"
    if argocd_redis.find() is None:
        return "there is no redis-server: run `make binaries`"
    tried = subprocess.run([*_locked(), "true"], check=False, capture_output=True, text=True)
    return f"no network of its own for Argo CD: {tried.stderr.strip()}" if tried.returncode else ""


def _locked() -> list[str]:
    """Own network and processes; when the first one dies, all of them do."""
    found = shutil.which("unshare") or "unshare"
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    return [found, *as_root, "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]


@dataclass
class ArgoCd:
    """Runs from `start` to `stop`; `rest` speaks to the hub as admin."""

    plane: Plane
    rest: Rest
    folder: Path
    running: list[Server] = field(default_factory=list)

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in ("home", "tmp", "bin", "plugins"):
            (self.folder / name).mkdir(exist_ok=True)
        _link(binaries.need("argocd").parent / "git-verify-wrapper.sh", self.folder / "bin/git-verify-wrapper.sh")
        self._objects()
        self._start_all()

    def stop(self) -> None:
        for server in reversed(self.running):
            if server in self.plane.servers.running:
                self.plane.servers.stop(server, sign=signal.SIGKILL)  # the first process of a namespace hears no other
        self.running.clear()

    def _objects(self) -> None:
        """What Argo CD's manifests bring, without its Deployments: it is the admin who runs it here."""
        labels = {"app.kubernetes.io/part-of": "argocd"}
        for file in sorted(binaries.need("argocd").parent.glob("*-crd.yaml")):
            self.apply("apiextensions.k8s.io/v1", "customresourcedefinitions", load(file))
        self.apply("v1", "namespaces", _object("v1", "Namespace", name=NAMESPACE))
        settings = _object("v1", "ConfigMap", name="argocd-cm", namespace=NAMESPACE, labels=labels)
        self.apply("v1", "configmaps", settings)
        secret = _object("v1", "Secret", name="argocd-secret", namespace=NAMESPACE, labels=labels)
        self.apply("v1", "secrets", {**secret, "data": {"server.secretkey": "bm90IHNlY3JldA=="}})
        project = _object("argoproj.io/v1alpha1", "AppProject", name="default", namespace=NAMESPACE)
        anywhere = {"group": "*", "kind": "*"}
        spec = {"sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": "*"}]}
        wait(lambda: self._served("appprojects"), "Argo CD's kinds", servers=self.plane.servers)
        self.apply(
            "argoproj.io/v1alpha1", "appprojects", {**project, "spec": {**spec, "clusterResourceWhitelist": [anywhere]}}
        )

    def apply(self, version: str, plural: str, value: dict[str, Any]) -> None:
        metadata = value["metadata"]
        inside = f"/namespaces/{metadata['namespace']}" if "namespace" in metadata else ""
        root = f"/apis/{version}" if "/" in version else f"/api/{version}"
        path = f"{root}{inside}/{plural}/{metadata['name']}?fieldManager=covey-tests&force=true"
        code, said = self.rest.ask("PATCH", path, value, kind=_APPLY)
        assert code in {200, 201}, said

    def _served(self, plural: str) -> bool:
        code, said = self.rest.ask("GET", "/apis/argoproj.io/v1alpha1")
        return code == 200 and any(one["name"] == plural for one in said["resources"])

    def _start_all(self) -> None:
        """One sandbox for the network, one for each of the programs that join it: with it, all of them end."""
        port, path = self.plane.hub.port, self.folder / "hub.socket"
        (self.folder / "ready").unlink(missing_ok=True)
        relay = [sys.executable, "-m", "controlplane.argocd_network"]
        env = {"PYTHONPATH": str(_TESTS)}
        servers = self.plane.servers
        self.running.append(servers.start("argocd-relay", [*relay, "outside", str(port), path], env=env))
        wait(path.exists, "the relay for Argo CD", servers=servers)
        inside = [sys.executable, "-m", "controlplane.argocd_inside", str(self.folder), str(port), str(path)]
        words = [*_locked(), *inside, str(self.plane.hub.admin)]
        self.running.append(servers.start("argocd", words, env=env))
        wait((self.folder / "ready").exists, "Argo CD", servers=servers)


def _link(source: Path, target: Path) -> None:
    if not target.exists():
        target.symlink_to(source)


def _object(version: str, kind: str, *, name: str, namespace: str = "", labels: Any = None) -> dict[str, Any]:
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {}) | ({"labels": labels} if labels else {})
    return {"apiVersion": version, "kind": kind, "metadata": metadata}

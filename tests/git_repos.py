"""Real git repositories for tests: a bare one with the example fleet, clones of it, and the real `covey`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from program import unmeasured

EXAMPLE = Path(__file__).parents[1] / "examples" / "fleet"
SPEC = (EXAMPLE / "jobs/vision/digits/job.yaml").read_text()


def environment(home: Path) -> dict[str, str]:
    """Nothing of this machine's git configuration reaches the tests."""
    home.mkdir(exist_ok=True)
    (home / "gitconfig").write_text("[user]\nname = Ada\nemail = ada@acme.example\n[init]\ndefaultBranch = main\n")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "COVEY_", "EMAIL"))}
    isolated = {"HOME": str(home), "GIT_CONFIG_GLOBAL": str(home / "gitconfig"), "GIT_CONFIG_NOSYSTEM": "1"}
    return {**kept, **isolated, "NO_COLOR": "1", "XDG_CONFIG_HOME": str(home)}


@dataclass(frozen=True)
class World:
    """A folder for one test; `bare` is the shared repository."""

    folder: Path
    environment: dict[str, str]

    @property
    def bare(self) -> Path:
        return self.folder / "shared.git"

    def git(self, cwd: Path, *arguments: str, check: bool = True) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=cwd, env=self.environment, capture_output=True, text=True, check=False
        )
        assert not check or done.returncode == 0, f"git {arguments}: {done.stderr}"
        return done.stdout.strip()

    def covey(self, cwd: Path, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command(*arguments),
            cwd=cwd,
            env={**self.environment, **extra},
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    def start(self, cwd: Path, *arguments: str, **extra: str) -> subprocess.Popen[str]:
        """In a process group of its own, so that it can be killed with all that it started."""
        return subprocess.Popen(
            command(*arguments),
            cwd=cwd,
            env=unmeasured({**self.environment, **extra}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def clone(self, name: str, *options: str) -> Path:
        self.git(self.folder, "clone", "-q", *options, self.bare.as_uri(), name)
        return self.folder / name

    def spec(self, folder: str, name: str, *, rounds: int = 5) -> Path:
        """A job spec outside of any repository, with an app beside it."""
        place = self.folder / folder
        (place / "app").mkdir(parents=True, exist_ok=True)
        (place / "app/main.py").write_text(f"print('{name}')\n")
        text = SPEC.replace("name: digits,", f"name: {name},").replace("rounds: 5", f"rounds: {rounds}")
        path = place / f"{name}.yaml"
        path.write_text(text)
        return path

    def log(self, *arguments: str) -> list[str]:
        return self.git(self.bare, "log", "--format=%s", *arguments).splitlines()


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "covey_cli", *arguments]


def make_world(folder: Path) -> World:
    """The example fleet, committed by `covey commit` and pushed to a bare repository."""
    world = World(folder, environment(folder / "home"))
    first = folder / "first"
    shutil.copytree(EXAMPLE, first, ignore=shutil.ignore_patterns("rendered", "digits-*"))
    world.git(first, "init", "-q")
    done = world.covey(first, "commit")
    assert done.returncode == 0, done.stdout + done.stderr
    world.git(folder, "init", "-q", "--bare", str(world.bare))
    world.git(first, "push", "-q", world.bare.as_uri(), "main")
    return world


def copy_world(template: World, folder: Path) -> World:
    """The same again, for a test of its own."""
    shutil.copytree(template.folder, folder, dirs_exist_ok=True)
    return World(folder, environment(folder / "home"))


def hook(repository: Path, name: str, script: str) -> None:
    hooks = repository / ("hooks" if (repository / "objects").is_dir() else ".git/hooks")
    hooks.mkdir(exist_ok=True)
    (hooks / name).write_text("#!/bin/sh\n" + script)
    (hooks / name).chmod(0o755)

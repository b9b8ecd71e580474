"""A new user's first minutes: the commands of the README and the demo, run as they stand in an empty folder."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from made_environments import made_environments
from program import environment

CHECKOUT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^```(shell|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass
class Step:
    """Commands of the tour, and what the README says that they print."""

    commands: str
    promised: str = ""
    fails: bool = False


def _tour() -> list[Step]:
    text = (CHECKOUT / "README.md").read_text()
    section = text.partition("\n## Five minutes\n")[2].partition("\n## ")[0]
    steps: list[Step] = []
    for kind, body in _BLOCK.findall(section):
        if kind == "shell":
            steps.append(Step(body, fails="exits with 1" in body))
        else:
            steps[-1].promised = body
    return steps


def _run(step: Step, *, cwd: Path, env: dict[str, str]) -> tuple[int, str, Path]:
    """Exit code, output and the folder that the step ends in."""
    script = f"set -eu\ntrap 'pwd >&3' EXIT\n{step.commands}"
    ours, theirs = os.pipe()
    with os.fdopen(ours) as where:
        ended = subprocess.run(
            ["bash", "-c", f"exec 3>&{theirs}\n{script}"],
            cwd=cwd,
            env=env,
            capture_output=True,
            text=True,
            check=False,
            pass_fds=[theirs],
            stdin=subprocess.DEVNULL,
            timeout=120,
        )
        os.close(theirs)
        return ended.returncode, ended.stdout + ended.stderr, Path(where.read().strip())


def test_the_readme_s_tour_works_as_it_stands(tmp_path: Path) -> None:
    folder, env = tmp_path, environment(tmp_path, COVEY=str(CHECKOUT), **made_environments("flower"))
    steps = _tour()
    assert len(steps) >= 6
    for step in steps:
        code, output, folder = _run(step, cwd=folder, env=env)
        assert code == (1 if step.fails else 0), f"{step.commands}\n{output}"
        assert step.promised in output
    branches = subprocess.run(
        ["git", "branch", "--list", "--format=%(refname:short)"],
        cwd=tmp_path / "hub.git",
        capture_output=True,
        text=True,
        check=True,
    )
    assert branches.stdout.split() == ["covey/vision.digits-wide", "main"]


@pytest.mark.parametrize("command", ["init", "new", "validate", "render", "diff", "commit", "run", "submit"])
def test_the_tour_shows_every_command_of_a_working_day(command: str) -> None:
    assert any(f"covey {command} " in step.commands.replace("\n", " ") for step in _tour())


def test_the_demo_ends_with_a_commit_and_two_trained_models(tmp_path: Path) -> None:
    ended = subprocess.run(
        [CHECKOUT / "examples/demo.sh", tmp_path / "demo"],
        cwd=tmp_path,
        env=environment(tmp_path, **made_environments()),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=280,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "did you mean `rounds`?" in ended.stdout
    assert "job vision/digits is added" in ended.stdout
    assert "Add job vision/digits" in ended.stdout
    runs = list(tmp_path.glob("demo/fleet/.covey/runs/*"))
    summaries = [json.loads((run / "metrics_summary.json").read_text()) for run in runs]
    assert sorted(one["run"]["runtime"] for one in summaries) == ["flower", "openfl"]
    assert all(one["evaluation"]["accuracy"] > 0.9 for one in summaries)
    assert all("<html" in (run / "report.html").read_text() for run in runs)


def test_a_demo_that_fails_says_so(tmp_path: Path) -> None:
    (tmp_path / "covey").write_text("#!/bin/sh\nexit 3\n")
    (tmp_path / "covey").chmod(0o755)
    env = environment(tmp_path)
    env["PATH"] = f"{tmp_path}{os.pathsep}{env['PATH']}"
    demo = [CHECKOUT / "examples/demo.sh", tmp_path / "demo"]
    assert subprocess.run(demo, env=env, capture_output=True, check=False, timeout=120).returncode != 0


def test_a_demo_takes_no_folder_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.txt").touch()
    demo = [CHECKOUT / "examples/demo.sh", tmp_path / "mine"]
    ended = subprocess.run(demo, env=environment(tmp_path), capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 1
    assert "is not a demo's folder" in ended.stderr
    assert (tmp_path / "mine/thesis.txt").exists()

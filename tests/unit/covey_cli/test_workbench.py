"""A work tree of our own goes in the end, or with the next one."""

from __future__ import annotations

import fcntl
from typing import TYPE_CHECKING

import pytest

from covey_cli import workbench
from covey_cli.git import Git
from git_repos import make_world

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    world = make_world(tmp_path)
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    return Git(world.clone("clone"))


def test_work_that_is_done_is_no_failure_where_another_covey_holds_the_clone_and_the_next_clears_up(
    git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbench, "_PATIENCE", 0.1)
    area = git.private("covey")
    area.mkdir()
    with (area / "lock").open("w") as other:
        with workbench.workbench(git, git.text("rev-parse", "HEAD")) as bench:
            left = bench.root
            fcntl.flock(other, fcntl.LOCK_EX)
        assert left.exists()

    with workbench.workbench(git, git.text("rev-parse", "HEAD")):
        assert not left.exists()
    assert git.text("worktree", "list").count("\n") == 0
    assert [path.name for path in area.iterdir()] == ["lock"]

"""Many people submit at the same moment, and some of their machines die: nothing is lost, nothing doubled."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from covey_cli.locking import hold
from git_repos import World, hook, make_world
from waiting import until

if TYPE_CHECKING:
    from pathlib import Path

PEOPLE = 24


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path)


def finish(processes: list[subprocess.Popen[str]], seconds: float) -> list[tuple[int, str]]:
    ended = []
    for process in processes:
        out, err = process.communicate(timeout=seconds)
        ended.append((process.returncode, out + err))
    return ended


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def assert_sound(world: World) -> Path:
    """The shared repository is whole, and what is rendered in it is what its specs render to."""
    damage = subprocess.run(
        ["git", "fsck", "--full", "--strict", "--no-dangling"],
        cwd=world.bare,
        env=world.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (damage.returncode, damage.stdout) == (0, "")
    fresh = world.clone("fresh")
    committed = files(fresh / "rendered")
    for path in committed:
        (fresh / "rendered" / path).unlink()
    assert world.covey(fresh, "render").returncode == 0
    assert files(fresh / "rendered") == committed
    return fresh


def test_24_people_submit_at_the_same_moment_and_all_jobs_land_on_main(world: World) -> None:
    names = [f"job-{number:02}" for number in range(PEOPLE)]
    clones = [world.clone(f"clone-{name}") for name in names]
    specs = [world.spec(f"home-{name}", name, rounds=number + 1) for number, name in enumerate(names)]
    processes = [world.start(clone, "submit", "--direct", str(spec)) for clone, spec in zip(clones, specs, strict=True)]
    ended = finish(processes, 300)

    assert [(code, said) for code, said in ended if code] == []
    fresh = assert_sound(world)
    assert sorted(path.name for path in (fresh / "jobs/vision").iterdir()) == ["digits", *names]
    for number, name in enumerate(names):
        assert f"rounds: {number + 1}\n" in (fresh / f"jobs/vision/{name}/job.yaml").read_text()
        assert (fresh / f"jobs/vision/{name}/app/main.py").read_text() == f"print('{name}')\n"
        assert len(list((fresh / f"rendered/vision/{name}").iterdir())) == 6
    assert sorted(world.log("main~24..main")) == [f"Add job vision/{name}" for name in names]
    assert world.log("--merges", "main") == []
    assert len(world.log("main")) == PEOPLE + 1
    for clone in clones:
        assert world.git(clone, "status", "--porcelain") == ""
        assert [path.name for path in (clone / ".git/covey").iterdir()] == ["lock"]


def test_two_people_submit_the_same_job_and_the_later_one_replaces_the_earlier(world: World) -> None:
    clones = [world.clone(name) for name in ("ada", "bob")]
    specs = [world.spec(name, "lanes", rounds=rounds) for name, rounds in (("home-ada", 7), ("home-bob", 9))]
    processes = [world.start(clone, "submit", "--direct", str(spec)) for clone, spec in zip(clones, specs, strict=True)]
    ended = finish(processes, 60)

    assert [code for code, _ in ended] == [0, 0]
    assert sorted("replaces the job that was there" in said for _, said in ended) == [False, True]
    assert len(world.log("main")) == 3
    fresh = assert_sound(world)
    later = next(number for number, (_, said) in enumerate(ended) if "replaces" in said)
    assert (fresh / "jobs/vision/lanes/job.yaml").read_bytes() == specs[later].read_bytes()


def test_two_people_submit_the_very_same_job_and_it_is_there_once(world: World) -> None:
    clones = [world.clone(name) for name in ("ada", "bob")]
    spec = world.spec("home", "lanes")
    authors = ("Ada", "Bob")
    processes = [
        world.start(clone, "submit", "--direct", str(spec), GIT_AUTHOR_NAME=author)
        for clone, author in zip(clones, authors, strict=True)
    ]
    ended = finish(processes, 60)

    assert [code for code, _ in ended] == [0, 0]
    assert sorted("Nothing to do" in said for _, said in ended) == [False, True]
    assert world.log("main") == ["Add job vision/lanes", world.log("main~1")[0]]


def test_one_clone_serves_several_submissions_at_once(world: World) -> None:
    clone = world.clone("shared-clone")
    specs = [world.spec("home", f"job-{number}") for number in range(4)]
    ended = finish([world.start(clone, "submit", "--direct", str(spec)) for spec in specs], 120)

    assert [(code, said) for code, said in ended if code] == []
    assert len(world.log("main")) == 5
    assert world.git(clone, "worktree", "list").count("\n") == 0
    assert_sound(world)


def test_a_work_tree_that_another_covey_is_making_in_the_clone_is_waited_for(world: World) -> None:
    clone, other = world.clone("shared-clone"), world.clone("other-clone")
    assert world.covey(other, "submit", "--direct", str(world.spec("home", "earlier"))).returncode == 0  # to be fetched
    area, half = clone / ".git/covey", clone / ".git/worktrees/half"
    area.mkdir()
    with hold(area / "lock"):
        half.mkdir(parents=True)
        (half / "gitdir").write_text(f"{area}/half/.git\n")
        (half / "HEAD").write_text(f"{'0' * 40}\n")
        (half / "commondir").touch()
        process = world.start(clone, "submit", "--direct", str(world.spec("home", "lanes")))
        assert process.stderr
        assert f"Waiting for another covey (process {os.getpid()})" in process.stderr.readline()
        shutil.rmtree(half)

    assert [(code, said) for code, said in finish([process], 60) if code] == []
    assert "Add job vision/lanes" in world.log("main")


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
def test_a_submission_that_dies_before_its_push_leaves_both_repositories_usable(
    world: World, sent: signal.Signals
) -> None:
    clone = world.clone("clone")
    reached = world.folder / "reached"
    hook(clone, "pre-push", f"touch {reached}\nsleep 60\n")
    process = world.start(clone, "submit", "--direct", str(world.spec("home", "lanes")))
    until(reached.exists, str(reached))
    left = [path.name for path in (clone / ".git/covey").iterdir() if path.is_dir()]
    os.killpg(process.pid, sent)
    code, said = finish([process], 20)[0]

    assert len(left) == 1
    assert code == (130 if sent is signal.SIGINT else -signal.SIGKILL), said
    assert len(world.log("main")) == 1
    assert world.git(clone, "status", "--porcelain") == ""
    assert (clone / ".git/covey" / left[0]).exists() is (sent is signal.SIGKILL)
    (clone / ".git/hooks/pre-push").unlink()
    again = world.covey(clone, "submit", "--direct", str(world.spec("home", "lanes")))
    assert again.returncode == 0, again.stderr
    assert world.log("main")[0] == "Add job vision/lanes"
    assert [path.name for path in (clone / ".git/covey").iterdir()] == ["lock"]
    assert world.git(clone, "worktree", "list").count("\n") == 0
    assert_sound(world)

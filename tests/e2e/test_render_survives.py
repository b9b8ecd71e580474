"""`covey render` that is killed or not alone: the tree on disk is whole, or the next run makes it so."""

from __future__ import annotations

import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from program import COVEY, covey, environment, unmeasured
from waiting import until

EXAMPLE = Path(__file__).parents[2] / "examples/fleet"
JOBS = 150


@pytest.fixture
def fleet(tmp_path):
    root = tmp_path / "fleet"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns("rendered", "digits-*"))
    text = (root / "jobs/vision/digits/job.yaml").read_text()
    for number in range(JOBS):
        folder = root / f"jobs/vision/digits-{number}"
        (folder / "app").mkdir(parents=True)
        (folder / "job.yaml").write_text(text.replace("name: digits,", f"name: digits-{number},"))
    return root


def rendered(root):
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in (root / "rendered").rglob("*.*")}


def start(root):
    return subprocess.Popen(
        [COVEY, "render"],
        cwd=root,
        env=unmeasured(environment(root.parent)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("seen", [".covey-tmp-", "federatedlearning-"], ids=["writing", "renaming"])
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_run_leaves_whole_files_and_the_next_one_finishes(fleet, sent, seen):
    with start(fleet) as process:
        until(lambda: any(seen in path.name for path in (fleet / "rendered").rglob("*")), seen, pause=0.005)
        process.send_signal(sent)
    left = {name: data for name, data in rendered(fleet).items() if ".covey-tmp-" not in name}

    done = covey("render", cwd=fleet, env=environment(fleet.parent))

    whole = rendered(fleet)
    assert done.returncode == 0, done.stderr
    assert len(whole) == 21 + 6 * (JOBS + 1)
    assert not any(".covey-tmp-" in name for name in whole)
    assert left or seen == ".covey-tmp-"
    assert left.items() <= whole.items(), "a file was half-written"
    assert process.returncode in (0, -sent, 130)


def test_runs_at_the_same_time_wait_for_each_other(fleet):
    processes = [start(fleet) for _ in range(4)]

    assert [process.wait() for process in processes] == [0, 0, 0, 0]
    assert covey("render", "--check", cwd=fleet, env=environment(fleet.parent)).returncode == 0
    assert len(rendered(fleet)) == 21 + 6 * (JOBS + 1)

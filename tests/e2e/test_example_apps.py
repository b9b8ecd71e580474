"""The example fleet's jobs, as they stand there, trained over collaborators whose digits differ."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from covey_core.launch.exits import LaunchError
from covey_runtimes import environments
from local_runs import LocalRun
from made_environments import made_environments

EXAMPLE = Path(__file__).parents[2] / "examples/fleet"
APPS = EXAMPLE / "jobs/vision"
FLOWER, OPENFL, TORCH = pytest.mark.runtime_flower, pytest.mark.runtime_openfl, pytest.mark.torch


@pytest.fixture
def train(tmp_path):
    """Trains a job in a committed copy of the fleet; returns its folder and what came of the run."""
    root = tmp_path / "fleet"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns(".covey", "__pycache__"))
    for words in (
        ["init", "-q"],
        ["add", "--all"],
        ["-c", "user.name=A", "-c", "user.email=a@x", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", *words], cwd=root, check=True)
    made = []

    def run(job, runtime, *arguments):
        made.append(LocalRun(root, f"jobs/vision/{job}/job.yaml", *arguments, **made_environments(runtime)))
        assert made[-1].wait(seconds=280) == 0, made[-1].out + made[-1].err
        return root, json.loads((made[-1].folder / "metrics_summary.json").read_text())

    yield run
    for one in made:
        one.close()


@pytest.mark.parametrize(
    ("job", "runtime"),
    [
        pytest.param("digits", "flower", marks=FLOWER),
        pytest.param("digits-openfl", "openfl", marks=OPENFL),
        pytest.param("digits-torch", "flower", marks=[FLOWER, TORCH]),
        pytest.param("digits-torch-openfl", "openfl", marks=[OPENFL, TORCH]),
    ],
)
def test_every_example_learns_from_unlike_collaborators(train, job, runtime):
    if "torch" in job:
        needs_torch(runtime)

    root, summary = train(job, runtime, "-n", "3", "--split", "dirichlet:0.5")

    assert summary["finishedRounds"] == 5
    assert summary["evaluation"]["accuracy"] > 0.9
    assert summary["best"]["accuracy"] > 0.8
    assert len(summary["collaborators"]) == 3
    left = subprocess.run(["git", "status", "--porcelain"], cwd=root, capture_output=True, text=True, check=True).stdout
    assert sorted(left.split()[1::2]) == ["err.txt", "out.txt"], "only what the test itself wrote"


def needs_torch(runtime):
    """PyTorch is gigabytes: whoever wants this test runs the job once with `covey run`."""
    try:
        environments.python(runtime, APPS / "digits-torch/app")
    except LaunchError:
        pytest.skip(f"PyTorch is not there for {runtime}: `covey run` of the job in examples/fleet installs it")

"""`covey new --from-app`: ordinary apps of both runtimes, as their frameworks' own templates make them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from covey_cli.__main__ import main
from program import environment

EXAMPLES = Path(__file__).parents[3] / "examples/fleet/jobs/vision"
IMAGE = "registry.example/vision/digits@sha256:" + "4f53cda1" * 8
FLOWER = """\
[project]
name = "Quickstart_NumPy"
dependencies = ["flwr[simulation]>=1.20"]
[tool.flwr.app]
publisher = "flwrlabs"
[tool.flwr.app.components]
serverapp = "app.server_app:app"
clientapp = "app.client_app:app"
[tool.flwr.app.config]
num-server-rounds = 7
local-epochs = 2
fraction-train = 0.5
optimizer.name = "sgd"
optimizer.nesterov = true
[tool.flwr.federations]
default = "local-simulation"
[tool.flwr.federations.local-simulation]
options.num-supernodes = 3
"""
PLAN = """\
aggregator:
  defaults: plan/defaults/aggregator.yaml
  template: openfl.component.Aggregator
  settings: {rounds_to_train: 4, write_logs: false}
data_loader:
  template: src.dataloader.Loader
  settings: {batch_size: 64, collaborator_count: 2}
task_runner:
  template: src.taskrunner.Runner
  settings: {rate: 0.1, batch_size: 32, layers: [1, 2]}
tasks:
  train:
    function: train_task
    kwargs: {epochs: 3, metrics: [loss]}
"""


@pytest.fixture
def fleet(tmp_path, monkeypatch):
    """A fleet repo with one namespace and one data set on three clusters."""
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    root = tmp_path / "fleet"
    assert main(["init", str(root), "--cluster-set", "hospitals"]) == 0
    monkeypatch.chdir(root)
    clusters = [word for name in ("site-1", "site-2", "site-3") for word in ("--cluster", name)]
    assert main(["new", "--kind", "dataset", "digits", "--owner", "@acme/data", *clusters]) == 0
    return root


@pytest.fixture
def app(tmp_path):
    """Makes a folder of files."""

    def make(**files):
        folder = tmp_path / "Their App"
        for name, text in files.items():
            path = folder / name.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return folder

    return make


@pytest.fixture
def failed(capsys):
    def run(*arguments, code=1):
        capsys.readouterr()
        assert main(["new", *map(str, arguments)]) == code
        return capsys.readouterr().err

    return run


def made(fleet, name):
    path = fleet / f"jobs/vision/{name}/job.yaml"
    return path.read_text(), yaml.safe_load(path.read_text())["spec"]


def test_a_flower_app_from_elsewhere_is_copied_with_what_it_says(fleet, app, capsys):
    folder = app(
        pyproject_dot_toml=FLOWER, app__server_app_dot_py="app = 1\n", __pycache____x_dot_pyc="", _dot_env="KEY=1"
    )

    assert main(["new", "--from-app", str(folder), "--yes"]) == 0

    text, spec = made(fleet, "quickstart-numpy")
    assert (spec["runtime"], spec["rounds"], spec["collaborators"]["min"]) == ("flower", 7, 3)
    assert spec["config"] == {
        "local-epochs": 2,
        "fraction-train": 0.5,
        "optimizer.name": "sgd",
        "optimizer.nesterov": True,
    }
    assert spec["app"]["path"] == "app"
    assert [line.split()[0] for line in text.splitlines() if "# CHANGE" in line] == ["image:"]
    copied = fleet / "jobs/vision/quickstart-numpy/app"
    assert (copied / "pyproject.toml").read_text() == FLOWER
    assert (copied / "app/server_app.py").read_text() == "app = 1\n"
    assert sorted(path.name for path in copied.iterdir()) == ["app", "pyproject.toml"]
    assert "CHANGE" in capsys.readouterr().out


def test_an_openfl_workspace_is_known_by_its_plan(fleet, app):
    folder = app(
        plan__plan_dot_yaml=PLAN, plan__cols_dot_yaml="collaborators:\n", plan__data_dot_yaml="# x,y\none,1\ntwo,2\n"
    )

    assert main(["new", "histology", "--from-app", str(folder), "--image", IMAGE]) == 0

    text, spec = made(fleet, "histology")
    assert (spec["runtime"], spec["rounds"], spec["collaborators"]["min"]) == ("openfl", 4, 2)
    assert spec["config"] == {
        "task_runner.settings.batch_size": 32,
        "data_loader.settings.batch_size": 64,
        "rate": 0.1,
        "collaborator_count": 2,
        "epochs": 3,
    }
    assert "CHANGE" not in text
    assert (fleet / "jobs/vision/histology/app/plan/plan.yaml").read_text() == PLAN


def test_what_an_app_does_not_say_is_marked(fleet, app):
    bare = FLOWER.partition("[tool.flwr.app.config]")[0]

    assert main(["new", "bare", "--from-app", str(app(pyproject_dot_toml=bare)), "--yes"]) == 0

    text, spec = made(fleet, "bare")
    marked = [line.split()[0] for line in text.splitlines() if "# CHANGE" in line]
    assert marked == ["image:", "rounds:", "min:"]
    assert "config" not in spec


def test_flags_beat_what_the_app_says(fleet, app):
    folder = app(pyproject_dot_toml=FLOWER)

    assert main(["new", "mine", "--from-app", str(folder), "--image", IMAGE, "--rounds", "2", "--min", "2"]) == 0

    text, spec = made(fleet, "mine")
    assert (spec["rounds"], spec["collaborators"]["min"]) == (2, 2)
    assert "CHANGE" not in text


def test_an_app_inside_the_fleet_repo_stays_where_it_is(fleet):
    shutil.copytree(EXAMPLES / "digits/app", fleet / "apps/digits")

    for runtime in ("flower", "openfl"):
        name = f"digits-{runtime}"
        arguments = ["--from-app", "apps/digits", "--runtime", runtime, "--image", IMAGE]
        assert main(["new", name, *arguments]) == 0
        _, spec = made(fleet, name)
        assert spec["app"]["path"] == "../../../apps/digits"
        assert spec["config"] == {"steps": 50, "rate": 2.0}
        assert not (fleet / f"jobs/vision/{name}/app").exists()
    assert main(["render"]) == 0


def test_a_folder_that_is_no_app_is_refused(fleet, app, failed):
    said = failed("--from-app", app(notes_dot_txt="nothing"), "--yes")

    assert "holds no app that Covey knows" in said
    assert "flower: a pyproject.toml with [tool.flwr.app]" in said
    assert "openfl: a workspace with plan/plan.yaml" in said
    assert not (fleet / "jobs/vision").exists()


@pytest.mark.usefixtures("fleet")
def test_a_folder_with_two_apps_needs_the_runtime(failed):
    assert "holds apps for flower and openfl" in failed("--from-app", EXAMPLES / "digits/app", "--yes")
    assert "--runtime" in failed("--from-app", EXAMPLES / "digits/app", "--yes")


@pytest.mark.usefixtures("fleet")
def test_the_runtime_that_is_asked_for_must_be_the_apps(app, failed):
    said = failed("--from-app", app(pyproject_dot_toml=FLOWER), "--runtime", "openfl", "--yes")

    assert "openfl: a workspace with plan/plan.yaml" in said
    assert "flower:" not in said


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"pyproject_dot_toml": "[tool"}, "is no TOML"),
        ({"pyproject_dot_toml": "[tool.flwr.app]\npublisher = 'x'\n"}, "has no serverapp and no clientapp"),
        ({"plan__plan_dot_yaml": "a: ["}, "is no YAML"),
        ({"plan__plan_dot_yaml": "[]"}, "is no OpenFL plan"),
        ({"plan__plan_dot_yaml": PLAN + "connector: {}\n"}, "connector to another framework"),
        ({"pyproject_dot_toml": "[project]\nname = 'x'\n"}, "holds no app"),
    ],
)
def test_a_broken_app_is_told_in_one_sentence(fleet, app, failed, files, said):
    assert said in failed("--from-app", app(**files), "--yes")
    assert not (fleet / "jobs/vision").exists()


def test_settings_that_no_spec_can_hold_stay_the_apps(fleet, app, capsys):
    odd = FLOWER.replace("local-epochs = 2", f'"9lives" = 1\nlong = "{"x" * 2000}"')

    assert main(["new", "odd", "--from-app", str(app(pyproject_dot_toml=odd)), "--yes"]) == 0

    assert "The app's own values stay for what no spec can hold: 9lives, long." in capsys.readouterr().out
    assert made(fleet, "odd")[1]["config"].keys() == {"fraction-train", "optimizer.name", "optimizer.nesterov"}


def test_links_and_heaps_of_data_are_not_copied(fleet, app, failed):
    folder = app(pyproject_dot_toml=FLOWER)
    (folder / "data.bin").write_bytes(bytes(51_000_000))
    assert "more than 50 MB" in failed("--from-app", folder, "--yes")
    (folder / "data.bin").unlink()
    (folder / "data.bin").symlink_to("/etc/hostname")
    assert "is a link" in failed("--from-app", folder, "--yes")
    assert not (fleet / "jobs/vision").exists()


@pytest.mark.usefixtures("fleet")
def test_data_sets_have_no_app(app, failed):
    folder = app(pyproject_dot_toml=FLOWER)
    assert "--from-app is for" in failed("--kind", "dataset", "x", "--from-app", folder, code=2)


@pytest.mark.parametrize("place", [".", "rendered"])
def test_generated_folders_and_the_repo_itself_are_no_apps(fleet, failed, place):
    (fleet / place).mkdir(exist_ok=True)
    (fleet / place / "pyproject.toml").write_text(FLOWER)
    assert "can't be a job's app" in failed("--from-app", place, "--yes")

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from covey_cli.__main__ import main
from program import COVEY, environment, on_a_terminal

if TYPE_CHECKING:
    from pathlib import Path

IMAGE = "registry.example/vision/digits@sha256:" + "4f53cda1" * 8
JOB = "jobs/vision/digits/job.yaml"


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fleet repo with one namespace and one data set on two clusters."""
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    root = tmp_path / "fleet"
    assert main(["init", str(root), "--cluster-set", "hospitals"]) == 0
    monkeypatch.chdir(root)
    assert main(["new", "--kind", "dataset", "digits", *_owned("site-1", "site-2")]) == 0
    return root


def _owned(*clusters: str) -> list[str]:
    return ["--owner", "@acme/data", *(word for name in clusters for word in ("--cluster", name))]


def _error(capsys: pytest.CaptureFixture[str], *arguments: str, code: int) -> str:
    capsys.readouterr()
    assert main(["new", *arguments]) == code
    return capsys.readouterr().err


def test_a_job_takes_its_defaults_from_the_repo(fleet: Path) -> None:
    assert main(["new", "digits", "--image", IMAGE]) == 0
    assert yaml.safe_load((fleet / JOB).read_text()) == {
        "apiVersion": "covey.dev/v1alpha1",
        "kind": "FederatedJob",
        "metadata": {"name": "digits", "namespace": "vision"},
        "spec": {
            "runtime": "flower",
            "app": {"path": "app", "image": IMAGE},
            "run": {"number": 1},
            "rounds": 5,
            "collaborators": {"min": 2, "clusterSets": ["hospitals"], "dataSet": "digits"},
            "model": {"storage": {"size": "2Gi"}},
        },
    }
    assert "training code belongs here" in (fleet / "jobs/vision/digits/app/README.md").read_text()


def test_a_new_job_is_short_and_nothing_is_wrong_with_it(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["new", "digits", "--image", IMAGE])
    assert len((fleet / JOB).read_text().splitlines()) <= 18
    assert main(["render"]) == 0
    capsys.readouterr()
    assert main(["validate", "--format", "json"]) == 0
    assert {one["file"] for one in json.loads(capsys.readouterr().out)["findings"]} == {"covey.yaml"}


def test_flags_say_everything(fleet: Path) -> None:
    flags = {
        "namespace": "vision",
        "runtime": "openfl",
        "image": IMAGE,
        "data-set": "digits",
        "cluster-set": "hospitals",
        "rounds": "7",
        "min": "2",
        "purpose": "quality-control",
        "storage": "10Gi",
    }
    assert main(["new", "digits", *(word for name, value in flags.items() for word in (f"--{name}", value))]) == 0
    spec = yaml.safe_load((fleet / JOB).read_text())["spec"]
    assert (spec["runtime"], spec["rounds"], spec["purpose"]) == ("openfl", 7, "quality-control")
    assert spec["model"] == {"storage": {"size": "10Gi"}}


def test_flags_can_come_from_the_environment(fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COVEY_NEW_RUNTIME", "openfl")
    assert main(["new", "digits", "--image", IMAGE]) == 0
    assert yaml.safe_load((fleet / JOB).read_text())["spec"]["runtime"] == "openfl"


def test_an_existing_job_is_never_overwritten(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["new", "digits", "--image", IMAGE])
    before = (fleet / JOB).read_bytes()
    assert f"{JOB} exists already; nothing was written." in _error(
        capsys, "digits", "--image", IMAGE, "--rounds", "9", code=1
    )
    assert (fleet / JOB).read_bytes() == before


def test_an_app_that_is_there_already_is_left(fleet: Path) -> None:
    app = fleet / "jobs/vision/digits/app/README.md"
    app.parent.mkdir(parents=True)
    app.write_text("ours")
    assert main(["new", "digits", "--image", IMAGE]) == 0
    assert app.read_text() == "ours"


def test_without_a_terminal_all_missing_flags_are_named_at_once(
    fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "Missing NAME, --image; nobody is asked without a terminal, or with --yes." in _error(capsys, code=2)
    assert not (fleet / "jobs/vision").exists()


@pytest.mark.parametrize("stdin", ["<&-", "</dev/null"])
def test_with_closed_stdin_missing_flags_are_named(stdin: str, fleet: Path) -> None:
    line = ["sh", "-c", f"{COVEY} new {stdin}"]
    ended = subprocess.run(line, cwd=fleet, env=environment(fleet.parent), capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "Missing NAME, --image" in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "message", "code"),
    [
        (["Digits", "--image", IMAGE], "'Digits' does not fit. The job's name: a DNS label", 2),
        (["digits", "--image", "registry.example/digits:latest"], "named by digest so that what was reviewed", 2),
        (["digits", "--image", IMAGE, "--rounds", "0"], "'0' does not fit. How many rounds to train.", 2),
        (["digits", "--image", IMAGE, "--rounds", "many"], "'many' does not fit.", 2),
        (["digits", "--image", IMAGE, "--data-set", "digts"], "There is no data set 'digts'", 1),
        (["digits", "--image", IMAGE, "--namespace", "visio"], "is not in covey.yaml. Did you mean 'vision'?", 1),
        (["digits", "--image", IMAGE, "--cluster-set", "hospital"], "may not use the cluster set 'hospital'", 1),
        (["digits", "--image", IMAGE, "--runtime", "flowr"], "The runtime 'flowr' is not installed", 1),
        (["covey-x", "--image", IMAGE], "begins with 'covey-', which is kept", 1),
        (["digits", "--owner", "@acme/data"], "--owner is for `covey new --kind dataset`.", 2),
        (["digits", "--namespace", "a", "--namespace", "b"], "A job has one namespace", 2),
        (["digits", "--kind", "data"], "Did you mean 'dataset'?", 2),
    ],
)
def test_what_can_not_be_is_refused_and_nothing_is_written(
    arguments: list[str], message: str, code: int, fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert message in _error(capsys, *arguments, code=code)
    assert [path.name for path in (fleet / "jobs").iterdir()] == ["README.md"]


def test_what_is_left_to_do_is_said_and_the_job_is_written(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["new", "digits", "--image", IMAGE, "--min", "3"]) == 0
    shown = capsys.readouterr().out
    assert "To do before it can be merged:" in shown
    assert f"{JOB}:13:10: error: `min` is 3, but 'digits' is granted on 2 clusters only" in shown
    assert (fleet / JOB).exists()


def test_a_purpose_that_the_owner_names_is_taken(fleet: Path) -> None:
    with (fleet / "datasets/digits.yaml").open("a") as file:
        file.write("  purposes: [quality-control]\n")
    assert main(["new", "digits", "--image", IMAGE]) == 0
    assert yaml.safe_load((fleet / JOB).read_text())["spec"]["purpose"] == "quality-control"


def test_one_of_several_purposes_must_be_named(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (fleet / "datasets/digits.yaml").open("a") as file:
        file.write("  purposes: [quality-control, research]\n")
    assert "Missing --purpose" in _error(capsys, "digits", "--image", IMAGE, code=2)


def test_a_data_set_is_the_owner_s_word(fleet: Path) -> None:
    assert yaml.safe_load((fleet / "datasets/digits.yaml").read_text()) == {
        "apiVersion": "covey.dev/v1alpha1",
        "kind": "DataSet",
        "metadata": {"name": "digits"},
        "spec": {
            "owner": "@acme/data",
            "namespaces": ["vision"],
            "grants": [{"cluster": "site-1"}, {"cluster": "site-2"}],
            "minCollaborators": 2,
        },
    }


def test_a_data_set_is_for_known_namespaces_only(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = ["--kind", "dataset", "scans", *_owned("site-1", "site-2"), "--namespace", "visio"]
    assert "'visio'" in _error(capsys, *more, code=1)
    assert not (fleet / "datasets/scans.yaml").exists()


def test_flags_of_jobs_are_refused_for_data_sets(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "--rounds is for `covey new --kind job`." in _error(
        capsys, "--kind", "dataset", "scans", "--rounds", "3", code=2
    )
    assert not (fleet / "datasets/scans.yaml").exists()


def test_on_a_terminal_it_asks_with_the_repo_s_defaults(fleet: Path) -> None:
    typed = f"Digits\ndigits\n\n\n{IMAGE}\n\n\n7\n\n"
    code, screen = on_a_terminal("new", cwd=fleet, env=environment(fleet.parent), typed=typed)
    assert code == 0, screen
    for prompt in ("'Digits' does not fit.", "The data set to train on [digits]: ", "in which it runs [vision]: "):
        assert prompt in screen
    assert yaml.safe_load((fleet / JOB).read_text())["spec"]["rounds"] == 7


def test_on_a_terminal_it_does_not_ask_if_told_so(fleet: Path) -> None:
    env = environment(fleet.parent)
    code, screen = on_a_terminal("new", "digits", "--yes", "--image", IMAGE, cwd=fleet, env=env)
    assert code == 0
    assert "]:" not in screen


def test_on_a_terminal_an_image_can_be_decided_later(fleet: Path) -> None:
    code, screen = on_a_terminal("new", "digits", cwd=fleet, env=environment(fleet.parent), typed="\n" * 8)
    assert code == 0, screen
    assert "# CHANGE: your app's image" in (fleet / JOB).read_text()


def test_on_a_terminal_several_clusters_are_asked_for(fleet: Path) -> None:
    typed = "@acme/data\n\nsite-1 site-2 site-3\n\n"
    code, screen = on_a_terminal(
        "new", "--kind", "dataset", "scans", cwd=fleet, env=environment(fleet.parent), typed=typed
    )
    assert code == 0, screen
    grants = yaml.safe_load((fleet / "datasets/scans.yaml").read_text())["spec"]["grants"]
    assert [grant["cluster"] for grant in grants] == ["site-1", "site-2", "site-3"]


def test_outside_of_a_fleet_repo_init_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = _error(capsys, "digits", code=1)
    assert "There is no covey.yaml in" in shown
    assert "`covey init` makes a fleet repo here" in shown


def test_root_names_a_repo_elsewhere(fleet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new", "digits", "--image", IMAGE, "--root", str(fleet)]) == 0
    assert (fleet / JOB).exists()


def test_the_repo_can_come_from_the_environment(fleet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COVEY_ROOT", str(fleet))
    assert main(["new", "digits", "--image", IMAGE]) == 0
    assert (fleet / JOB).exists()


def test_a_covey_yaml_with_errors_stops_it(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (fleet / "covey.yaml").write_text("kind: Fleet\n")
    assert "covey.yaml has errors." in _error(capsys, "digits", "--image", IMAGE, code=1)


def test_json_lists_what_was_made_and_what_is_left_to_do(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["new", "digits", "--image", IMAGE, "--min", "3", "--format", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["made"] == [JOB, "jobs/vision/digits/app/README.md"]
    assert [finding["rule"] for finding in shown["findings"]] == ["grant/too-few-clusters"]
    assert (fleet / JOB).exists()

"""What `covey render` does to a tree on disk."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from covey_cli import rendering
from covey_cli.app import app
from covey_cli.rendering import plan
from covey_cli.repo import load

EXAMPLE = Path(__file__).parents[3] / "examples/fleet"
LEARNING = "rendered/vision/digits/federatedlearning-digits.yaml"


@pytest.fixture
def fleet(tmp_path):
    root = tmp_path / "fleet"
    shutil.copytree(EXAMPLE, root)
    return root


def run(root, *arguments):
    return CliRunner().invoke(app, ["render", "--root", str(root), *arguments], catch_exceptions=False)


def contents(root):
    files = (path for path in root.rglob("*") if path.is_file() and ".covey" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def rules(root):
    return {(one.rule, one.file) for one in plan(load(root)).findings}


def test_unchanged_inputs_leave_files_untouched(fleet):
    before = {path: path.stat().st_mtime_ns for path in (fleet / "rendered").rglob("*.yaml")}

    result = run(fleet)

    assert result.output == "0 files written, 0 files removed, 27 unchanged.\n"
    assert {path: path.stat().st_mtime_ns for path in (fleet / "rendered").rglob("*.yaml")} == before


def test_unchanged_inputs_leave_files_untouched_under_a_newer_covey(fleet, monkeypatch):
    monkeypatch.setattr(rendering, "VERSION", "99.0.0")

    assert "0 files written" in run(fleet).output


def test_changed_inputs_use_the_newer_covey_for_that_job_only(fleet, monkeypatch):
    monkeypatch.setattr(rendering, "VERSION", "99.0.0")
    edit(fleet / "jobs/vision/digits/job.yaml", "rounds: 5", "rounds: 6")

    assert "6 files written, 0 files removed, 21 unchanged." in run(fleet).output
    assert "covey/99.0.0" in (fleet / LEARNING).read_text()
    assert "covey/99.0.0" not in (fleet / "rendered/_fleet/fleet-acme.yaml").read_text()


def test_check_writes_nothing_and_fails(fleet):
    edit(fleet / "jobs/vision/digits/job.yaml", "rounds: 5", "rounds: 6")
    before = contents(fleet)

    result = run(fleet, "--check")

    assert result.exit_code == 1
    assert f"{LEARNING}:1:1: error: {LEARNING} is older than its spec. [rendered/stale]" in result.output
    assert "hint: Change the spec, never this file, and run `covey render`." in result.output
    assert contents(fleet) == before


def test_an_edit_by_hand_is_told_and_undone(fleet):
    edit(fleet / LEARNING, "rounds: 5", "rounds: 500")

    assert rules(fleet) == {("rendered/edited", LEARNING)}
    run(fleet)
    assert contents(fleet) == contents(EXAMPLE)


def test_a_missing_file_is_told_and_written_again(fleet):
    (fleet / "rendered/vision/digits/placement-digits.yaml").unlink()

    assert ("rendered/missing", "rendered/vision/digits/placement-digits.yaml") in rules(fleet)
    run(fleet)
    assert contents(fleet) == contents(EXAMPLE)


def test_files_of_a_job_that_is_gone_are_removed_with_its_folder(fleet):
    shutil.rmtree(fleet / "jobs/vision/digits")

    assert ("rendered/leftover", LEARNING) in rules(fleet)
    result = run(fleet)

    assert "removed rendered/vision/digits/service-digits-listener.yaml" in result.output
    assert not (fleet / "rendered/vision").exists()


def test_a_strangers_file_is_told_and_never_touched(fleet):
    stranger = fleet / "rendered/vision/digits/extra.yaml"
    stranger.write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n")

    assert rules(fleet) == {("rendered/stranger", "rendered/vision/digits/extra.yaml")}
    run(fleet)

    assert stranger.exists()
    shutil.rmtree(fleet / "jobs/vision/digits")
    run(fleet)
    assert contents(fleet / "rendered/vision") == {"digits/extra.yaml": stranger.read_bytes()}


def test_another_job_touches_no_file_of_the_fleet_level_or_of_other_jobs(fleet):
    before = contents(fleet / "rendered")
    shutil.copytree(fleet / "jobs/vision/digits", fleet / "jobs/vision/second")
    edit(fleet / "jobs/vision/second/job.yaml", "name: digits", "name: second")

    run(fleet)
    after = contents(fleet / "rendered")

    assert {name: after[name] for name in before} == before
    assert all(name.startswith("vision/second/") for name in after.keys() - before.keys())


def test_an_error_in_any_spec_stops_the_writing(fleet):
    edit(fleet / "datasets/digits.yaml", "namespaces: [vision]", "namespaces: []")
    before = contents(fleet)

    result = run(fleet)

    assert result.exit_code == 1
    assert "jobs/vision/digits/job.yaml:" in result.output
    assert "The data set 'digits' is not granted to the namespace 'vision'. [grant/namespace]" in result.output
    assert "Ask its owner, @acme/radiology" in result.output
    assert contents(fleet) == before


def test_json_tells_what_was_done(fleet):
    shutil.rmtree(fleet / "rendered/vision")

    result = run(fleet, "--format", "json")

    assert f'"{LEARNING}"' in result.output
    assert '"kept": 21' in result.output


@pytest.mark.parametrize(
    ("environment", "umask"),
    [
        ({"PYTHONHASHSEED": "1", "TZ": "Pacific/Auckland", "LC_ALL": "C"}, 0o077),
        ({"PYTHONHASHSEED": "4711", "TZ": "America/Lima", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "0"}, 0o002),
    ],
)
def test_the_bytes_do_not_depend_on_the_environment(fleet, environment, umask):
    shutil.rmtree(fleet / "rendered")

    subprocess.run(
        [sys.executable, "-m", "covey_cli", "render", "--root", str(fleet)],
        env={**os.environ, **environment},
        umask=umask,
        check=True,
        capture_output=True,
    )

    assert contents(fleet) == contents(EXAMPLE)


@pytest.mark.parametrize("path", ["../../../../outside", "link", "loop"])
def test_an_app_outside_of_the_repo_is_refused(fleet, path, tmp_path):
    folder = fleet / "jobs/vision/digits"
    (tmp_path / "outside").mkdir()
    (folder / "link").symlink_to(tmp_path / "outside")
    (folder / "loop").symlink_to("loop")
    edit(folder / "job.yaml", "path: app", f"path: {path}")

    found = [one for one in load(fleet).findings if one.rule.startswith("path/")]

    assert [one.pointer for one in found] == ["/spec/app/path"]


def test_a_missing_app_is_a_warning(fleet):
    shutil.rmtree(fleet / "jobs/vision/digits/app")

    result = run(fleet, "--check")

    assert result.exit_code == 0
    assert "warning: The app's folder 'jobs/vision/digits/app' is not there" in result.output


def test_a_rendered_file_that_is_a_pipe_is_a_finding(fleet):
    (fleet / LEARNING).unlink()
    os.mkfifo(fleet / LEARNING)

    assert ("file/unreadable", LEARNING) in rules(fleet)

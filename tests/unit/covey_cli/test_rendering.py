"""What `covey render` does to a tree on disk."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from covey_cli import boundary, drift, rendering
from covey_cli.checking import check_repo
from covey_cli.rendering import plan
from covey_cli.repo import load

EXAMPLE = Path(__file__).parents[3] / "examples/fleet"
LEARNING = "rendered/vision/digits/federatedlearning-digits.yaml"


@pytest.fixture
def fleet(tmp_path):
    root = tmp_path / "fleet"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns("digits-*"))  # one job is enough
    return root


@pytest.fixture
def run(capsys):
    """Exit code and output of `covey render` on a fleet repo."""

    def render(root, *arguments):
        code = boundary.run(["render", "--root", str(root), *arguments])
        return code, capsys.readouterr().out

    return render


def contents(root):
    files = (path for path in root.rglob("*") if path.is_file() and ".covey" not in path.parts)
    found = {path.relative_to(root).as_posix(): path.read_bytes() for path in files}
    return {name: data for name, data in found.items() if "/digits-" not in name}


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def rules(root):
    return {(one.rule, one.file) for one in plan(load(root)).findings}


def test_unchanged_inputs_leave_files_untouched(fleet, run):
    before = {path: path.stat().st_mtime_ns for path in (fleet / "rendered").rglob("*.yaml")}

    _code, output = run(fleet)

    assert output == "0 files written, 0 files removed, 27 unchanged.\n"
    assert {path: path.stat().st_mtime_ns for path in (fleet / "rendered").rglob("*.yaml")} == before


def test_unchanged_inputs_leave_files_untouched_under_a_newer_covey(fleet, monkeypatch, run):
    monkeypatch.setattr(rendering, "VERSION", "99.0.0")

    assert "0 files written" in run(fleet)[1]


def test_changed_inputs_use_the_newer_covey_for_that_job_only(fleet, monkeypatch, run):
    monkeypatch.setattr(rendering, "VERSION", "99.0.0")
    edit(fleet / "jobs/vision/digits/job.yaml", "rounds: 5", "rounds: 6")

    assert "6 files written, 0 files removed, 21 unchanged." in run(fleet)[1]
    assert "covey/99.0.0" in (fleet / LEARNING).read_text()
    assert "covey/99.0.0" not in (fleet / "rendered/_fleet/fleet-acme.yaml").read_text()


def test_check_writes_nothing_and_fails(fleet, run):
    edit(fleet / "jobs/vision/digits/job.yaml", "rounds: 5", "rounds: 6")
    before = contents(fleet)

    code, output = run(fleet, "--check")

    assert code == 1
    assert (
        f"{LEARNING}:1:1: error: Files of rendered/vision/digits are older than their specs: "
        "federatedlearning-digits.yaml, manifestworkreplicaset-digits.yaml, persistentvolumeclaim-digits-model.yaml "
        "and 3 more. [rendered/stale]"
    ) in output
    assert "hint: Change specs, never these files, and run `covey render`." in output
    assert contents(fleet) == before


def test_an_edit_by_hand_is_told_and_undone(fleet, run):
    edit(fleet / LEARNING, "rounds: 5", "rounds: 500")

    assert rules(fleet) == {("rendered/edited", LEARNING)}
    run(fleet)
    assert contents(fleet) == contents(EXAMPLE)


def test_a_missing_file_is_told_and_written_again(fleet, run):
    (fleet / "rendered/vision/digits/placement-digits.yaml").unlink()

    assert ("rendered/missing", "rendered/vision/digits/placement-digits.yaml") in rules(fleet)
    run(fleet)
    assert contents(fleet) == contents(EXAMPLE)


def test_files_of_a_job_that_is_gone_are_removed_with_its_folder(fleet, run):
    shutil.rmtree(fleet / "jobs/vision/digits")

    assert ("rendered/leftover", LEARNING) in rules(fleet)
    _code, output = run(fleet)

    assert "removed rendered/vision/digits/service-digits-listener.yaml" in output
    assert not (fleet / "rendered/vision").exists()


def test_a_strangers_file_is_told_and_never_touched(fleet, run):
    stranger = fleet / "rendered/vision/digits/extra.yaml"
    stranger.write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n")

    assert rules(fleet) == {("rendered/stranger", "rendered/vision/digits/extra.yaml")}
    run(fleet)

    assert stranger.exists()
    shutil.rmtree(fleet / "jobs/vision/digits")
    run(fleet)
    assert contents(fleet / "rendered/vision") == {"digits/extra.yaml": stranger.read_bytes()}


def test_another_job_touches_no_file_of_the_fleet_level_or_of_other_jobs(fleet, run):
    before = contents(fleet / "rendered")
    shutil.copytree(fleet / "jobs/vision/digits", fleet / "jobs/vision/second")
    edit(fleet / "jobs/vision/second/job.yaml", "name: digits", "name: second")

    run(fleet)
    after = contents(fleet / "rendered")

    assert {name: after[name] for name in before} == before
    assert all(name.startswith("vision/second/") for name in after.keys() - before.keys())


def test_an_error_in_any_spec_stops_the_writing(fleet, run):
    edit(fleet / "datasets/digits.yaml", "namespaces: [vision]", "namespaces: []")
    before = contents(fleet)

    code, output = run(fleet)

    assert code == 1
    assert "jobs/vision/digits/job.yaml:" in output
    assert "The data set 'digits' is not granted to the namespace 'vision'. [grant/namespace]" in output
    assert "Ask its owner, @acme/radiology" in output
    assert contents(fleet) == before


def test_json_tells_what_was_done(fleet, run):
    shutil.rmtree(fleet / "rendered/vision")

    _code, output = run(fleet, "--format", "json")

    assert f'"{LEARNING}"' in output
    assert '"kept": 21' in output


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


def test_a_missing_app_is_a_warning(fleet, run):
    shutil.rmtree(fleet / "jobs/vision/digits/app")

    code, output = run(fleet, "--check")

    assert code == 0
    assert "warning: The app's folder 'jobs/vision/digits/app' is not there" in output


def test_a_rendered_file_that_is_a_pipe_is_a_finding(fleet):
    (fleet / LEARNING).unlink()
    os.mkfifo(fleet / LEARNING)

    assert ("file/unreadable", LEARNING) in rules(fleet)


def test_a_folder_over_argo_cds_limit_is_refused_with_its_size(fleet, run, monkeypatch):
    monkeypatch.setattr(drift, "MOST_FOLDER_BYTES", 10_000)
    shutil.rmtree(fleet / "rendered")

    code, output = run(fleet)

    assert code == 1
    size = sum(path.stat().st_size for path in (EXAMPLE / "rendered/vision/digits").iterdir())
    assert f"error: rendered/vision/digits has {size:,} bytes of manifests; Argo CD takes 10,000" in output
    assert "rendered/missing" not in output
    assert not (fleet / "rendered").exists()


def test_a_private_key_in_a_spec_stops_everything_and_is_never_shown(fleet, run):
    shutil.rmtree(fleet / "rendered")
    key = "-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\\n-----END PRIVATE KEY-----"
    edit(fleet / "jobs/vision/digits/job.yaml", "rounds: 5", f'rounds: 5\n  config: {{pem: "{key}"}}')

    code, output = run(fleet)

    assert code == 1
    assert "[secret/private-key]" in output
    assert "jobs/vision/digits/job.yaml:11:" in output
    assert "MIIEvQ" not in output
    assert not (fleet / "rendered").exists()


def test_text_in_a_jobs_configuration_stays_data(fleet, run):
    hostile = """{{index .path.segments 1}} ${HOME} $(HOME) "quoted" 'it's' \\ # not a comment"""
    quoted = "'" + hostile.replace("'", "''") + "'"
    edit(fleet / "jobs/vision/digits/job.yaml", "rounds: 5", f"rounds: 5\n  config: {{text: {quoted}}}")

    assert run(fleet)[0] == 0
    learning = yaml.safe_load((fleet / LEARNING).read_text())
    template = yaml.safe_load((fleet / "rendered/vision/digits/podtemplate-digits-aggregator.yaml").read_text())
    start = json.loads(template["template"]["metadata"]["annotations"]["covey.dev/start"])

    assert learning["spec"]["covey"]["config"] == {"text": hostile} == start["configuration"]
    assert str(template["template"]["spec"]).count("HOME") == 1


@pytest.mark.parametrize("text", ["metadata: 5", "[1]", "kind: Placement\nspec: []", "kind: Policy\nspec: {x", "\0"])
def test_nonsense_under_rendered_is_no_crash(fleet, text):
    (fleet / "rendered/vision/digits/extra.yaml").write_text(text)

    assert ("rendered/stranger", "rendered/vision/digits/extra.yaml") in {(o.rule, o.file) for o in check_repo(fleet)}

"""`covey validate` as a user runs it: formats, exit codes, odd files, several processes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from program import COVEY, covey, unmeasured

GOOD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: good}\n"
BAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bad}\ndta: {a: b}\n"
UNKNOWN = "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: thing}\n"
SENTENCE = "Unknown field `dta`; did you mean `data`?"
FLEET = Path(__file__).parents[3] / "examples" / "fleet"


@pytest.fixture
def folder(tmp_path):
    """Three files, one of them bad, one of a kind without a schema."""
    (tmp_path / "m" / "deep").mkdir(parents=True)
    (tmp_path / "m" / "good.yaml").write_text(f"{GOOD}---\n{GOOD}")
    (tmp_path / "m" / "deep" / "bad.yml").write_text(f"{GOOD}---\n{BAD}")
    (tmp_path / "m" / "unknown.json").write_text(json.dumps({"apiVersion": "example.com/v1", "kind": "Thing"}))
    (tmp_path / "m" / "notes.txt").write_text("not looked at")
    return tmp_path


def validate(folder, *arguments, **options):
    return covey("validate", *arguments, cwd=folder, **options)


def test_clean_manifests_exit_with_0(tmp_path):
    (tmp_path / "a.yaml").write_text(GOOD)

    done = validate(tmp_path, "a.yaml", "--summary")

    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        "No problems found in 1 file.\n1 object: 1 valid, 0 invalid, 0 errors, 0 skipped.\n",
        "",
    )


def test_findings_name_the_file_the_line_and_the_column(folder):
    done = validate(folder, "m")

    assert done.returncode == 1
    assert f"m/deep/bad.yml:8:1: error: {SENTENCE} [schema/unknown-field]\n" in done.stdout
    assert "m/unknown.json:1:42: error: There is no schema for Thing of example.com/v1. [schema/missing]" in done.stdout
    assert done.stdout.endswith("2 errors in 2 files of 3.\n")


def test_an_allowed_kind_is_listed_and_counted_as_skipped(folder):
    (folder / "m" / "deep" / "bad.yml").unlink()
    for kind in ("Thing", "example.com/v1/Thing"):
        done = validate(folder, "m", "--allow-missing", kind, "--summary")

        assert done.returncode == 0
        assert "info: Thing of example.com/v1 has no schema and was not checked, as allowed." in done.stdout
        assert "3 objects: 2 valid, 0 invalid, 0 errors, 1 skipped." in done.stdout
    assert validate(folder, "m", "--allow-missing", "example.com/v2/Thing").returncode == 1


def test_an_allowed_kind_inside_a_work_leaves_the_work_valid_and_a_forbidden_one_does_not(tmp_path):
    inside = UNKNOWN.replace("\n", "\n      ").strip()
    work = "apiVersion: work.open-cluster-management.io/v1\nkind: ManifestWork\nmetadata: {name: w, namespace: a}\n"
    (tmp_path / "work.yaml").write_text(f"{work}spec:\n  workload:\n    manifests:\n    - {inside}\n")

    allowed = validate(tmp_path, "work.yaml", "--summary", "--allow-missing", "Thing")
    forbidden = validate(tmp_path, "work.yaml", "--summary")

    assert "1 object: 1 valid" in allowed.stdout
    assert "info: Thing of example.com/v1 has no schema" in allowed.stdout
    assert "1 object: 0 valid, 1 invalid" in forbidden.stdout


def test_json_has_every_finding_and_the_counts(folder):
    report = json.loads(validate(folder, "m", "--format", "json").stdout)

    assert report["objects"] == {"valid": 3, "invalid": 1, "errors": 1, "skipped": 0}
    assert report["summary"]["filesChecked"] == 3
    assert [one["rule"] for one in report["findings"]] == ["schema/unknown-field", "schema/missing"]
    assert report["findings"][0] == {
        "rule": "schema/unknown-field",
        "severity": "error",
        "file": "m/deep/bad.yml",
        "line": 8,
        "column": 1,
        "pointer": "/dta",
        "message": SENTENCE,
        "hint": "",
    }


def test_kubeconforms_json_has_kubeconforms_shape(folder):
    (folder / "m" / "torn.yaml").write_text("a: [1\n")

    done = validate(folder, "m", "--format", "kubeconform", "--summary")

    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert report["summary"] == {"valid": 3, "invalid": 1, "errors": 2, "skipped": 0}
    torn, bad, unknown = sorted(report["resources"], key=lambda one: one["kind"])
    assert bad == {
        "filename": "m/deep/bad.yml",
        "kind": "ConfigMap",
        "name": "bad",
        "version": "v1",
        "status": "statusInvalid",
        "msg": SENTENCE,
        "validationErrors": [{"path": "/dta", "msg": SENTENCE}],
    }
    assert (torn["filename"], torn["kind"], torn["status"]) == ("m/torn.yaml", "", "statusError")
    assert (unknown["kind"], unknown["status"]) == ("Thing", "statusError")
    assert "summary" not in json.loads(validate(folder, "m", "--format", "kubeconform").stdout)


def test_github_gets_annotations(folder):
    done = validate(folder, "m", "--format", "github")

    assert f"::error file=m/deep/bad.yml,line=8,col=1,title=schema/unknown-field::{SENTENCE}\n" in done.stdout


def test_the_output_is_the_same_for_any_number_of_processes(tmp_path):
    for number in range(400):
        text = "---\n".join(
            [GOOD, BAD if number % 50 == 3 else GOOD, UNKNOWN if number % 90 == 5 else GOOD] + [GOOD] * 20
        )
        (tmp_path / f"part-{number:03}.yaml").write_text(text)

    outputs = {jobs: validate(tmp_path, ".", "--summary", "--jobs", jobs).stdout for jobs in ("1", "2", "5")}

    assert len(set(outputs.values())) == 1
    assert outputs["1"].count("error:") == 8 + 5
    assert "9200 objects: 9187 valid, 8 invalid, 5 errors, 0 skipped." in outputs["1"]


def test_stdin_is_read_for_a_dash(tmp_path):
    with (tmp_path / "x").open("w+") as stream:
        stream.write(BAD)
        stream.seek(0)
        done = validate(tmp_path, "-", stdin=stream)

    assert done.returncode == 1
    assert done.stdout.startswith("stdin:4:1: error:")


@pytest.mark.parametrize("text", ["", "---\n# nothing\n"])
def test_an_empty_stdin_is_an_error_since_the_command_before_may_have_failed(tmp_path, text):
    (tmp_path / "x").write_text(text)
    with (tmp_path / "x").open() as stream:
        done = validate(tmp_path, "-", stdin=stream)

    assert done.returncode == 1
    assert "stdin:1:1: error: There is no object on stdin. [file/empty]" in done.stdout


def test_a_closed_stdin_is_empty(tmp_path):
    done = subprocess.run(
        ["sh", "-c", f"{COVEY} validate - <&-"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert "There is no object on stdin." in done.stdout


def test_stdin_is_read_beside_many_files(tmp_path):
    for number in range(4):
        (tmp_path / f"{number}.yaml").write_text("---\n".join([GOOD] * 5000))
    (tmp_path / "x").write_text(BAD)
    with (tmp_path / "x").open() as stream:
        done = validate(tmp_path, "0.yaml", "1.yaml", "2.yaml", "-", "--jobs", "4", "--summary", stdin=stream)

    assert "15001 objects: 15000 valid, 1 invalid" in done.stdout


@pytest.mark.parametrize("processes", [1, 2])
def test_a_run_that_is_interrupted_while_its_processes_start_leaves_none_behind(tmp_path, processes):
    for number in range(8):
        (tmp_path / f"{number}.yaml").write_text("---\n".join([BAD] * 4000))
    command = [COVEY, "validate", ".", "--jobs", "2"]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=tmp_path, env=unmeasured(os.environ), text=True, **streams) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        while len(started := children.read_text().split()) < processes:
            pass  # Python loses an interrupt in the middle of a fork: it is to come right then
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "Traceback" not in errors
    assert not [child for child in started if Path(f"/proc/{child}").exists()]


def test_nothing_to_check_is_a_usage_error(tmp_path):
    done = validate(tmp_path)

    assert done.returncode == 2
    assert "There is nothing to check" in done.stderr


def test_excluded_files_and_folders_are_left_out(folder):
    assert validate(folder, "m", "--exclude", "m/deep", "--exclude", "*.json").returncode == 0
    assert validate(folder, "m", "--exclude", "bad.yml", "--exclude", "unknown.json").returncode == 0


def test_git_and_environments_are_not_looked_into(tmp_path):
    for name in (".git", ".venv", ".covey"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "bad.yaml").write_text(BAD)

    assert validate(tmp_path, ".").stdout == "No problems found in 0 files.\n"


def test_what_is_no_readable_file_is_a_finding_each(tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "broken.yaml").symlink_to("nowhere.yaml")
    (tmp_path / "circle.yaml").symlink_to("circle.yaml")
    (tmp_path / "loop").symlink_to(".")
    (tmp_path / "binary.yaml").write_bytes(bytes(range(256)))
    (tmp_path / "good.yaml").write_text(GOOD)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket.yaml"))
        done = validate(tmp_path, ".", "absent.yaml", "/dev/null")

    assert done.returncode == 1
    assert done.stderr == ""
    for name, words in {
        "pipe.yaml": "is a named pipe, not a file",
        "broken.yaml": "it does not exist",
        "circle.yaml": "Can't read",
        "loop": "The link leads back",
        "binary.yaml": "UTF-8",
        "socket.yaml": "Can't read",
        "absent.yaml": "it does not exist",
        "/dev/null": "is no regular file",
    }.items():
        lines = [line for line in done.stdout.splitlines() if line.startswith(f"{name}:")]
        assert len(lines) == 1, name
        assert words in lines[0], name


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_a_finding(tmp_path):
    (tmp_path / "secret.yaml").write_text(GOOD)
    (tmp_path / "secret.yaml").chmod(0)

    done = validate(tmp_path, ".")

    assert "Can't read secret.yaml: permission denied." in done.stdout


def test_schemas_only_leaves_names_and_rules_to_others(tmp_path):
    (tmp_path / "a.yaml").write_text(GOOD.replace("good", "Not_A_Name"))

    assert validate(tmp_path, "a.yaml").returncode == 1
    assert validate(tmp_path, "a.yaml", "--schemas-only").returncode == 0


def test_our_specs_are_read_strictly_and_checked_for_secrets(tmp_path):
    spec = "apiVersion: covey.dev/v1alpha1\nkind: FederatedJob\nmetadata: {name: a, namespace: &n b}\n"
    (tmp_path / "job.yaml").write_text(f"{spec}spec: {{config: {{token: ghp_{'a1B2' * 9}}}}}\n")

    done = validate(tmp_path, "job.yaml")

    assert "[yaml/anchor]" in done.stdout
    assert "[secret/token]" in done.stdout
    assert "`spec` lacks the field `rounds`, which is needed. [schema/required]" in done.stdout
    assert "ghp_" not in done.stdout


def test_upstream_resources_that_can_not_work_are_warned_about(tmp_path):
    text = "apiVersion: federation-ai.open-cluster-management.io/v1alpha1\nkind: FederatedLearning\n"
    (tmp_path / "a.yaml").write_text(
        f"{text}metadata: {{name: a, namespace: b, annotations: }}\nspec: {{framework: flower}}\n"
    )

    done = validate(tmp_path, "a.yaml")

    assert done.returncode == 0
    assert "warning:" in done.stdout
    assert "[upstream/" in done.stdout


@pytest.fixture
def fleet(tmp_path):
    shutil.copytree(FLEET, tmp_path / "fleet")
    return tmp_path / "fleet"


def test_a_fleet_repo_is_checked_as_a_whole_from_any_folder_in_it(fleet):
    assert validate(fleet).returncode == 0
    rendered = fleet / "rendered" / "vision" / "digits" / "service-digits-listener.yaml"
    rendered.write_text(rendered.read_text().replace("NodePort", "NodPort"))

    done = validate(fleet / "datasets")

    assert done.returncode == 1
    assert "rendered/vision/digits/service-digits-listener.yaml:" in done.stdout
    assert 'ExternalName, LoadBalancer or NodePort, not "NodPort". Did you mean NodePort?' in done.stdout


def test_a_secret_in_the_rendered_tree_is_an_error_and_elsewhere_a_warning(fleet):
    text = "apiVersion: v1\nkind: Secret\nmetadata: {name: x, namespace: vision}\nstringData: {password: swordfish}\n"
    inside = fleet / "rendered" / "vision" / "digits" / "secret.yaml"
    inside.write_text(text)
    (fleet / "outside.yaml").write_text(text)

    assert "error: A Secret with `stringData`" in validate(fleet, str(inside)).stdout
    outside = validate(fleet, "outside.yaml")
    assert outside.returncode == 0
    assert "warning: A Secret with `stringData`" in outside.stdout

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from covey_cli.__main__ import main
from covey_cli.draft import surroundings
from covey_core.reading import read
from covey_core.validation import Validator
from covey_schemas.catalog import bundled, kind_schema, written_kinds
from program import covey, environment, on_a_terminal

if TYPE_CHECKING:
    from covey_core.documents import Document

MADE = {
    ".ci/covey",
    ".gitattributes",
    ".githooks/pre-commit",
    ".github/workflows/covey.yaml",
    ".gitignore",
    ".pre-commit-config.yaml",
    "CODEOWNERS",
    "README.md",
    "covey.yaml",
    "datasets/README.md",
    "gitops/bootstrap.yaml",
    "jobs/README.md",
    "schemas/covey/dataset.schema.json",
    "schemas/covey/federatedjob.schema.json",
    "schemas/covey/fleet.schema.json",
}


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def _files(root: Path) -> dict[str, bytes]:
    found = (path for path in root.rglob("*") if path.is_file() and ".git" not in path.relative_to(root).parts[:1])
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True).stdout.strip()


def test_an_empty_folder_becomes_a_fleet_repo(empty: Path) -> None:
    assert main(["init"]) == 0
    assert set(_files(empty)) == MADE
    assert _git(empty, "branch", "--show-current") == "main"
    assert _git(empty, "config", "core.hooksPath") == ".githooks"


def test_the_defaults_fit_the_schema_and_each_other(empty: Path) -> None:
    main(["init", "fleet"])
    around = surroundings(empty / "fleet")
    assert around.fleet.name == "fleet"
    assert around.fleet.trust_domain == "fleet.example"


def test_every_value_that_nobody_gave_and_everybody_must_is_marked(empty: Path) -> None:
    main(["init", "fleet"])
    marked = [
        line.split(":")[0].strip()
        for line in (empty / "fleet/covey.yaml").read_text().splitlines()
        if "# CHANGE:" in line
    ]
    assert marked == ["trustDomain", "cidrs", "repository", "- name", "team", "clusterSets", "proxy", "- cidr"]


def test_given_values_are_used_and_not_marked(empty: Path) -> None:
    given = {
        "name": "acme",
        "trust-domain": "fleet.acme.example",
        "repository": "https://git.acme.example/fleet.git",
        "namespace": "retail",
        "team": "@acme/retail",
        "cluster-set": "shops",
        "listener": "Route",
        "domain": "apps.acme.example",
        "api-server": "10.0.0.1/32",
        "egress": "198.51.100.0/24",
        "proxy-image": "registry.example/proxy@sha256:" + "1" * 64,
        "branch": "trunk",
        "argocd-namespace": "openshift-gitops",
        "platform-team": "@acme/ops",
        "data-owner": "@acme/privacy",
    }
    assert main(["init", *(word for name, value in given.items() for word in (f"--{name}", value))]) == 0
    text = (empty / "covey.yaml").read_text()
    assert "CHANGE" not in text + (empty / "CODEOWNERS").read_text()
    assert yaml.safe_load(text) == {
        "apiVersion": "covey.dev/v1alpha1",
        "kind": "Fleet",
        "metadata": {"name": "acme"},
        "spec": {
            "trustDomain": "fleet.acme.example",
            "hub": {
                "apiServer": {"cidrs": ["10.0.0.1/32"]},
                "repository": "https://git.acme.example/fleet.git",
                "branch": "trunk",
                "argocdNamespace": "openshift-gitops",
            },
            "namespaces": [{"name": "retail", "team": "@acme/retail", "clusterSets": ["shops"]}],
            "listener": {"type": "Route", "domain": "apps.acme.example"},
            "images": {"proxy": "registry.example/proxy@sha256:" + "1" * 64},
            "egress": [{"cidr": "198.51.100.0/24", "ports": ["443"]}],
        },
    }
    assert _git(empty, "branch", "--show-current") == "trunk"


def test_values_that_yaml_would_misread_are_quoted(empty: Path) -> None:
    assert main(["init", "--name", "on", "--namespace", "no", "--team", "@a/b", "--cluster-set", "1e3"]) == 0
    fleet = surroundings(empty).fleet
    assert (fleet.name, fleet.namespaces[0].name, fleet.namespaces[0].cluster_sets) == ("on", "no", ("1e3",))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--name", "Acme"], "'Acme' does not fit. The fleet's name: a DNS label of at most 40 characters."),
        (["--listener", "nodeport"], "Did you mean 'NodePort'?"),
        (["--proxy-image", "quay.example/proxy:latest"], "'quay.example/proxy:latest' does not fit."),
        (["--domain", "apps.example"], "--domain is for the listener Route only."),
    ],
)
def test_a_value_that_does_not_fit_is_a_usage_error_and_nothing_is_made(
    arguments: list[str], message: str, empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", "fleet", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert not list(empty.iterdir())


def test_running_again_changes_nothing_and_says_so(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["init"])
    (empty / "README.md").write_text("ours")
    before = _files(empty)
    capsys.readouterr()
    assert main(["init"]) == 0
    assert _files(empty) == before
    shown = capsys.readouterr().out
    assert "Left 15 files as they were: " in shown
    assert "Git checks each commit" in shown
    assert "made" not in shown


def test_running_again_adds_what_is_missing_from_what_covey_yaml_says(empty: Path) -> None:
    main(["init", "--namespace", "retail", "--team", "@acme/retail", "--branch", "trunk"])
    wanted = (empty / "gitops/bootstrap.yaml").read_bytes(), (empty / "CODEOWNERS").read_bytes()
    (empty / "gitops/bootstrap.yaml").unlink()
    (empty / "CODEOWNERS").unlink()
    assert main(["init"]) == 0
    assert wanted == ((empty / "gitops/bootstrap.yaml").read_bytes(), (empty / "CODEOWNERS").read_bytes())


def test_a_file_of_somebody_else_is_left(empty: Path) -> None:
    (empty / "CODEOWNERS").write_text("* @acme/others\n")
    (empty / "README.md").symlink_to("/nowhere")
    assert main(["init"]) == 0
    assert (empty / "CODEOWNERS").read_text() == "* @acme/others\n"
    assert (empty / "README.md").is_symlink()


def test_copies_of_another_version_s_schemas_are_named(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["init"])
    (empty / "schemas/covey/fleet.schema.json").write_text("{}")
    capsys.readouterr()
    main(["init"])
    assert "Of another version of Covey: schemas/covey/fleet.schema.json." in capsys.readouterr().out


def test_a_covey_yaml_with_errors_is_refused(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (empty / "covey.yaml").write_text("kind: Fleet\n")
    assert main(["init"]) == 1
    assert "covey.yaml has errors." in capsys.readouterr().err
    assert set(_files(empty)) == {"covey.yaml"}


def test_a_repo_inside_a_fleet_repo_is_refused(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["init"])
    assert main(["init", "jobs/another"]) == 1
    assert "is inside the fleet repo" in capsys.readouterr().err
    assert not (empty / "jobs/another").exists()


def test_a_file_is_no_folder_for_a_repo(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (empty / "fleet").touch()
    assert main(["init", "fleet"]) == 1
    assert capsys.readouterr().err.startswith("error: fleet is a file, not a folder.\n")


def test_a_repository_around_is_used_and_its_hooks_are_left(empty: Path) -> None:
    _git(empty, "init", "-q")
    assert main(["init", "fleet"]) == 0
    assert not (empty / "fleet/.git").exists()
    assert not subprocess.run(["git", "config", "core.hooksPath"], cwd=empty, capture_output=True, check=False).stdout
    assert main(["init", "fleet", "--hooks"]) == 0
    assert _git(empty, "config", "core.hooksPath") == "fleet/.githooks"


def test_hooks_of_somebody_else_stay_in_use(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _git(empty, "init", "-q")
    _git(empty, "config", "core.hooksPath", "theirs")
    assert main(["init", "--hooks", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["hooks"] is False
    assert _git(empty, "config", "core.hooksPath") == "theirs"


def test_without_git_no_repository_is_made(empty: Path) -> None:
    assert main(["init", "--no-git"]) == 0
    assert not (empty / ".git").exists()


@pytest.mark.parametrize(
    ("origin", "repository"),
    [
        ("https://ada:hunter2@git.acme.example/fleet.git", "https://git.acme.example/fleet.git"),
        ("git@git.acme.example:platform/fleet.git", "git@git.acme.example:platform/fleet.git"),
        ("/srv/git/fleet.git", "https://git.example/work.git"),
    ],
)
def test_the_address_comes_from_git_without_anybody_s_password(origin: str, repository: str, empty: Path) -> None:
    _git(empty, "init", "-q")
    _git(empty, "remote", "add", "origin", origin)
    assert main(["init"]) == 0
    assert surroundings(empty).fleet.hub.repository == repository


def test_owners_are_the_team_the_data_owner_and_the_platform(empty: Path) -> None:
    main(["init", "--namespace", "retail", "--team", "@t", "--platform-team", "@p", "--data-owner", "@d"])
    lines = [line.split() for line in (empty / "CODEOWNERS").read_text().splitlines() if not line.startswith("#")]
    assert lines == [
        ["*", "@p"],
        ["/datasets/", "@d"],
        ["/rendered/_fleet/dataset-*.yaml", "@d"],
        ["/rendered/_fleet/*.covey-data-*.yaml", "@d"],
        ["/jobs/retail/", "@t"],
        ["/rendered/retail/", "@t"],
    ]


def test_editors_find_a_schema_beside_every_spec(empty: Path) -> None:
    main(["init"])
    assert (
        (empty / "covey.yaml")
        .read_text()
        .startswith("# yaml-language-server: $schema=schemas/covey/fleet.schema.json\n")
    )
    for kind in written_kinds():
        assert json.loads((empty / f"schemas/covey/{kind.lower()}.schema.json").read_text()) == kind_schema(kind)


def test_the_bootstrap_application_is_valid(empty: Path) -> None:
    main(["init"])
    (document,) = _documents(empty / "gitops/bootstrap.yaml")
    assert not Validator(bundled()).check(document)
    assert document.value["spec"]["syncPolicy"]["syncOptions"] == ["ServerSideApply=true"]


def _documents(path: Path) -> tuple[Document, ...]:
    reading = read(path.name, path.read_bytes(), strict=False)
    assert not reading.findings
    return reading.documents


@pytest.mark.usefixtures("empty")
def test_a_fresh_repo_renders_and_validates_but_for_the_image_it_could_not_know(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["init"])
    assert main(["render"]) == 0
    capsys.readouterr()
    assert main(["validate", "--format", "json"]) == 0
    assert [one["rule"] for one in json.loads(capsys.readouterr().out)["findings"]] == ["image/placeholder"]


@pytest.mark.parametrize("listener", ["NodePort", "LoadBalancer", "Route"])
def test_every_listener_comes_with_fitting_ports(listener: str, empty: Path) -> None:
    assert main(["init", "--listener", listener]) == 0
    fleet = surroundings(empty).fleet
    assert fleet.egress[0].ports == (("30000-32767",) if listener == "NodePort" else ("443",))
    assert bool(fleet.listener.domain) is (listener == "Route")


@pytest.mark.parametrize("script", [".ci/covey", ".githooks/pre-commit"])
def test_the_scripts_are_executable_and_parse(script: str, empty: Path) -> None:
    main(["init"])
    assert os.access(empty / script, os.X_OK)
    subprocess.run(["sh", "-n", script], cwd=empty, check=True)


def test_the_hook_refuses_a_commit_with_a_mistake(empty: Path) -> None:
    main(["init"])
    assert main(["render"]) == 0
    _git(empty, "add", "--all")
    _git(empty, "commit", "-q", "-m", "Start")
    with (empty / "covey.yaml").open("a") as file:
        file.write("  egres: []\n")
    ended = subprocess.run(["git", "commit", "-qam", "x"], cwd=empty, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "covey.yaml:" in ended.stdout + ended.stderr


def test_on_a_terminal_it_asks_with_defaults(tmp_path: Path) -> None:
    typed = "acme\n\nhttps://git.acme.example/fleet.git\nretail\n\nshops\nnodeport\nNodePort\n"
    code, screen = on_a_terminal("init", "fleet", cwd=tmp_path, typed=typed)
    assert code == 0, screen
    assert "The fleet's name [fleet]: " in screen
    assert "The trust domain of all certificates [acme.example]: " in screen
    assert "'nodeport' does not fit." in screen
    fleet = surroundings(tmp_path / "fleet").fleet
    assert (fleet.name, fleet.trust_domain, fleet.namespaces[0].team) == ("acme", "acme.example", "@acme/retail")


def test_on_a_terminal_it_does_not_ask_if_told_so(tmp_path: Path) -> None:
    code, screen = on_a_terminal("init", "fleet", "--yes", cwd=tmp_path)
    assert code == 0
    assert "]:" not in screen


def test_a_question_that_gets_no_answer_leaves_nothing(tmp_path: Path) -> None:
    code, _ = on_a_terminal("init", "fleet", cwd=tmp_path, typed="acme\n\x04")
    assert code == 130
    assert not (tmp_path / "fleet").exists()


def test_a_folder_that_can_not_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "jobs").write_text("a file in the way")
    ended = covey("init", cwd=tmp_path)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"error: {Path(os.path.realpath(tmp_path))}/jobs stands where Covey needs a folder.")
    assert set(_files(tmp_path)) == {"jobs"}


def test_json_lists_what_was_made_and_left(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (empty / "README.md").write_text("ours")
    assert main(["init", "--format", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (set(shown["made"]), shown["left"], shown["git"], shown["hooks"]) == (
        MADE - {"README.md"},
        ["README.md"],
        "made",
        True,
    )
    assert shown["root"] == str(empty)

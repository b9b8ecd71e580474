from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from covey_cli.__main__ import main
from program import covey, environment, on_a_terminal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CRD = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "hares.example.com"},
    "spec": {
        "group": "example.com",
        "names": {"kind": "Hare", "listKind": "HareList", "plural": "hares", "singular": "hare"},
        "scope": "Namespaced",
        "versions": [
            {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}}},
        ],
    },
}


def _checks(cwd: Path, env: Mapping[str, str] | None = None, *, code: int = 0) -> dict[str, dict[str, Any]]:
    ended = covey("doctor", "--format", "json", cwd=cwd, env=env)
    assert ended.returncode == code, ended.stderr
    shown = json.loads(ended.stdout)
    assert shown["version"] == 1
    assert shown["ok"] is (code == 0)
    return {check["name"]: check for check in shown["checks"]}


def _program(folder: Path, name: str, says: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{says}\n")
    (folder / name).chmod(0o755)


def test_a_machine_with_everything_needed_is_well(tmp_path: Path) -> None:
    checks = _checks(tmp_path)
    assert {check["state"] for check in checks.values()} <= {"ok", "optional"}
    assert checks["git identity"]["found"] == "Ada <ada@acme.example>"
    assert checks["runtimes"]["found"] == "flower, openfl"


def test_what_is_missing_comes_with_how_to_get_it(tmp_path: Path) -> None:
    checks = _checks(tmp_path, environment(tmp_path, PATH=str(tmp_path)), code=1)
    assert checks["git"]["state"] == "missing"
    assert checks["git"]["advice"] == "Install git 2.30 or newer with your package manager."
    assert checks["kubectl"]["state"] == "optional"


def test_an_old_git_is_missing(tmp_path: Path) -> None:
    _program(tmp_path / "bin", "git", "echo git version 2.17.1")
    checks = _checks(tmp_path, environment(tmp_path, PATH=str(tmp_path / "bin")), code=1)
    assert checks["git"] == {
        "name": "git",
        "state": "missing",
        "found": "git version 2.17.1",
        "advice": "Covey needs git 2.30 or newer.",
    }


def test_a_program_that_fails_counts_as_not_there(tmp_path: Path) -> None:
    _program(tmp_path / "bin", "kustomize", "exit 1")
    env = environment(tmp_path)
    checks = _checks(tmp_path, {**env, "PATH": f"{tmp_path / 'bin'}:{env['PATH']}"})
    assert checks["kustomize"]["state"] == "optional"


def test_what_a_program_prints_is_inert(tmp_path: Path) -> None:
    _program(tmp_path / "bin", "kustomize", r"printf '\033[2Jv5\nmore'")
    env = environment(tmp_path)
    checks = _checks(tmp_path, {**env, "PATH": f"{tmp_path / 'bin'}:{env['PATH']}"})
    assert checks["kustomize"]["found"] == "\\x1b[2Jv5"


def test_nobody_who_commits_is_missing(tmp_path: Path) -> None:
    env = {name: value for name, value in environment(tmp_path).items() if not name.startswith(("GIT_A", "GIT_C"))}
    checks = _checks(tmp_path, {**env, "GIT_CONFIG_NOSYSTEM": "1"}, code=1)
    assert "git config --global user.name" in checks["git identity"]["advice"]


def test_outside_of_a_fleet_repo_init_is_named(tmp_path: Path) -> None:
    assert _checks(tmp_path)["fleet repo"]["advice"] == "`covey init` makes one."


def test_a_fleet_repo_is_found_with_its_hooks_and_open_values(tmp_path: Path) -> None:
    assert covey("init", "fleet", cwd=tmp_path).returncode == 0
    checks = _checks(tmp_path / "fleet/jobs", environment(tmp_path))
    assert checks["fleet repo"]["found"] == str(tmp_path / "fleet")
    assert checks["hooks"]["state"] == "ok"
    assert checks["own values"]["found"] == "8 lines of covey.yaml are marked CHANGE"
    assert checks["imported schemas"]["state"] == "optional"


def test_imported_schemas_are_counted(tmp_path: Path) -> None:
    covey("init", "fleet", cwd=tmp_path)
    (tmp_path / "crd.json").write_text(json.dumps(CRD))
    ended = covey("schema", "import", str(tmp_path / "crd.json"), cwd=tmp_path / "fleet", env=environment(tmp_path))
    assert ended.returncode == 0, ended.stderr
    assert _checks(tmp_path / "fleet", environment(tmp_path))["imported schemas"]["found"] == "1 kind"


def test_hooks_that_are_not_in_use_are_said(tmp_path: Path) -> None:
    covey("init", "fleet", "--no-hooks", cwd=tmp_path)
    checks = _checks(tmp_path / "fleet", environment(tmp_path))
    assert checks["hooks"]["advice"] == "`covey init --hooks` changes that."


def test_text_lines_up_and_ends_with_the_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) in (0, 1)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["ok", "covey", "0.1.0"]
    assert lines[-1] in ("Nothing is missing that Covey needs.", "Something is missing that Covey needs.")


@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_a_terminal_is_seen(term: str, tmp_path: Path) -> None:
    code, screen = on_a_terminal("doctor", cwd=tmp_path, env=environment(tmp_path, TERM=term))
    assert code == 0
    assert "columns, encoding utf-8" in screen

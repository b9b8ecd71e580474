from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from covey_cli.__main__ import main
from covey_cli.errors import UserError
from covey_cli.options import find_root

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _no_repo_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COVEY_ROOT", raising=False)


def test_the_nearest_fleet_repo_upwards_is_found(tmp_path: Path) -> None:
    (tmp_path / "covey.yaml").touch()
    (tmp_path / "inner/jobs").mkdir(parents=True)
    (tmp_path / "inner/covey.yaml").touch()
    assert find_root(tmp_path / "inner/jobs") == tmp_path / "inner"


def test_a_folder_of_that_name_is_no_fleet_file(tmp_path: Path) -> None:
    (tmp_path / "covey.yaml").mkdir()
    with pytest.raises(UserError, match=r"There is no covey\.yaml in"):
        find_root(tmp_path)


def test_a_relative_start_is_looked_up_from_here(tmp_path: Path) -> None:
    (tmp_path / "covey.yaml").touch()
    (tmp_path / "jobs").mkdir()
    assert find_root(type(tmp_path)("jobs")) == tmp_path


@pytest.mark.parametrize("command", ["render", "diff", "commit", "new"])
def test_every_command_on_a_repo_says_the_same_outside_of_one(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command]) == 1
    assert capsys.readouterr().err == (
        f"error: There is no covey.yaml in {tmp_path} or in a folder above it.\n"
        "hint: `covey init` makes a fleet repo here; `--root DIR` names one elsewhere.\n"
    )


def test_a_root_without_a_fleet_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "other").mkdir()
    assert main(["render", "--root", "other"]) == 1
    assert "There is no covey.yaml in other." in capsys.readouterr().err


def test_a_file_as_root_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert main(["render", "--root", "file"]) == 2
    assert "Directory 'file' is a file." in capsys.readouterr().err

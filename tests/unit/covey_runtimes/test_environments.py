from __future__ import annotations

import pytest

from covey_core.launch.exits import Exit, LaunchError
from covey_runtimes import environments


def test_an_environment_that_nobody_made_is_told(monkeypatch, tmp_path):
    monkeypatch.delenv("COVEY_RUNTIMES", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    with pytest.raises(LaunchError, match="The environment of the runtime 'flower' is not in") as caught:
        environments.python("flower")
    assert caught.value.code is Exit.START


def test_an_image_brings_its_own_and_nothing_is_made_there(monkeypatch, tmp_path):
    monkeypatch.setenv("COVEY_RUNTIMES", str(tmp_path))
    (tmp_path / "flower/bin").mkdir(parents=True)
    (tmp_path / "flower/bin/python").touch()

    assert environments.make("flower") == tmp_path / "flower/bin/python"
    assert [path.name for path in tmp_path.iterdir()] == ["flower"]


def test_other_requirements_are_another_environment(monkeypatch, tmp_path):
    monkeypatch.delenv("COVEY_RUNTIMES", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    before = environments.folder("flower")
    monkeypatch.setattr(environments, "_requirements", lambda _: b"flwr==9\n")

    assert environments.folder("flower") != before
    assert environments.folder("flower").parent == before.parent == tmp_path / "covey/runtimes"


def test_a_half_made_environment_is_made_again_and_then_used(monkeypatch, tmp_path):
    """A real environment, with nothing in it, so that no network is needed."""
    monkeypatch.delenv("COVEY_RUNTIMES", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(environments, "_requirements", lambda _: b"")
    path = environments.folder("flower")
    (path / "bin").mkdir(parents=True)
    (path / "bin/left-over").touch()

    python = environments.make("flower")

    assert python.exists()
    assert not (path / "bin/left-over").exists()
    made = python.lstat().st_mtime_ns
    assert environments.make("flower").lstat().st_mtime_ns == made


def test_what_cannot_be_installed_is_told_in_one_sentence(monkeypatch, tmp_path):
    monkeypatch.delenv("COVEY_RUNTIMES", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(environments, "_requirements", lambda _: b"this is no requirement\n")

    with pytest.raises(environments.NoEnvironmentError, match="can't be made"):
        environments.make("flower")
    assert not (environments.folder("flower") / ".ready").exists()

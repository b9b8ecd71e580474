"""A job's configuration against the names that an app knows."""

from __future__ import annotations

import pytest

from covey_core.launch.exits import Exit, LaunchError
from covey_runtimes.flower.configuration import of_run


@pytest.fixture
def app(tmp_path):
    def write(text):
        (tmp_path / "pyproject.toml").write_text(text)
        return tmp_path

    return write


def test_the_jobs_rounds_take_the_place_of_the_apps(app):
    known = app("[tool.flwr.app.config]\nnum-server-rounds = 3\nrate = 0.1\n")
    assert of_run(known, {"rate": 0.5}, rounds=7) == {"rate": 0.5, "num-server-rounds": 7}


def test_an_app_that_does_not_ask_for_rounds_is_not_told_them(app):
    assert of_run(app("[tool.flwr.app]\n"), {}, rounds=7) == {}


def test_names_in_tables_are_known_with_their_dots(app):
    known = app("[tool.flwr.app.config]\nopt.rate = 0.1\n")
    assert of_run(known, {"opt": {"rate": 0.5}}, rounds=1) == {"opt": {"rate": 0.5}}
    assert of_run(known, {"opt.rate": 0.5}, rounds=1) == {"opt.rate": 0.5}


def test_names_that_the_app_does_not_know_are_refused_all_at_once(app):
    with pytest.raises(LaunchError, match=r"has no pause, speed in \[tool.flwr.app.config\]") as refused:
        of_run(app("[tool.flwr.app.config]\nrate = 0.1\n"), {"speed": 1, "rate": 2, "pause": 3}, rounds=1)
    assert refused.value.code == Exit.START


@pytest.mark.parametrize("text", ["[tool", None])
def test_a_folder_without_a_readable_pyproject_is_no_flower_app(app, tmp_path, text):
    if text:
        app(text)
    with pytest.raises(LaunchError, match="The app is no Flower app") as refused:
        of_run(tmp_path, {}, rounds=1)
    assert refused.value.code == Exit.START

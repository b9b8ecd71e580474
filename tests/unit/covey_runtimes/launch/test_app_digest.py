from __future__ import annotations

import os

import pytest

from covey_runtimes.launch.app_digest import NO_PART, app_digest


@pytest.fixture
def app(tmp_path):
    (tmp_path / "app/part").mkdir(parents=True)
    (tmp_path / "app/app.py").write_text("one")
    (tmp_path / "app/part/model.py").write_text("two")
    return tmp_path / "app"


def test_when_and_by_what_files_were_touched_does_not_count(app):
    before = app_digest(app)
    os.utime(app / "app.py", (1, 1))
    (app / "app.py").chmod(0o600)
    (app / "__pycache__").mkdir()
    (app / "__pycache__/app.cpython-311.pyc").write_bytes(b"compiled")
    (app / "old.pyc").write_bytes(b"compiled")

    assert app_digest(app) == before


@pytest.mark.parametrize("name", sorted(NO_PART))
def test_what_is_no_part_of_an_app_does_not_count_as_a_file_or_folder(app, name):
    before = app_digest(app)
    (app / name).write_text("left there")
    (app / "part" / name).mkdir()
    (app / "part" / name / "link").symlink_to("/etc")
    assert app_digest(app) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda app: (app / "app.py").write_text("One"),
        lambda app: (app / "app.py").rename(app / "b.py"),
        lambda app: (app / "part/model.py").rename(app / "model.py"),
        lambda app: (app / "more.txt").touch(),
        lambda app: (app / "app.py").chmod(0o755),
        lambda app: (app / "app.py").unlink(),
    ],
    ids=["content", "name", "place", "new", "executable", "gone"],
)
def test_what_runs_counts(app, change):
    before = app_digest(app)
    change(app)
    assert app_digest(app) != before


def test_a_link_is_refused_because_its_target_could_change(app):
    (app / "data").symlink_to("/etc")
    with pytest.raises(OSError, match="is a link"):
        app_digest(app)


def test_an_app_that_is_not_there_has_no_digest(app):
    with pytest.raises(FileNotFoundError):
        app_digest(app / "nothing")

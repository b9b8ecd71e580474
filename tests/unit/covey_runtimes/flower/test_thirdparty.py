"""What the parent imports before it forks: others' modules that the app's sources name, and never the app's own."""

from __future__ import annotations

import sys

import pytest
from covey_flower.thirdparty import load, named


@pytest.fixture
def app(tmp_path):
    """Writes files of an app, by path."""

    def write(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write


def test_names_of_others_are_found_at_any_depth(app):
    files = {
        "mine/client.py": "import numpy as np\nfrom sklearn.linear_model import LogisticRegression\n",
        "mine/late.py": "def f():\n    import torch.nn\n",
    }
    found = named(app(files))
    assert found == [("numpy", ""), ("sklearn.linear_model", "LogisticRegression"), ("torch.nn", "")]


def test_pythons_own_flowers_and_the_apps_modules_are_not_named(app):
    files = {
        "mine/__init__.py": "",
        "mine/client.py": "import os\nfrom flwr.app import Message\nfrom mine.task import f\nfrom . import task\n",
        "mine/task.py": "import helper\nimport lib.inner\n",
        "helper.py": "",
        "src/lib/__init__.py": "",
    }
    assert named(app(files)) == []


def test_a_file_that_is_no_python_is_passed_over(app):
    assert named(app({"good.py": "import numpy\n", "broken.py": "import (\n"})) == [("numpy", "")]


def test_what_fails_to_import_is_told_and_the_rest_is_there(tmp_path, monkeypatch):
    (tmp_path / "covey_angry.py").write_text("raise RuntimeError('not today')\n")
    (tmp_path / "covey_calm").mkdir()
    (tmp_path / "covey_calm/__init__.py").touch()
    (tmp_path / "covey_calm/inner.py").touch()
    monkeypatch.syspath_prepend(tmp_path)

    failed = load([("covey_angry", ""), ("covey_absent", ""), ("covey_calm", "inner")])

    assert failed == ["covey_angry: not today", "covey_absent: No module named 'covey_absent'"]
    assert "covey_calm.inner" in sys.modules

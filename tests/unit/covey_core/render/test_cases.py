"""Whole fleet repos with their rendered trees; `pytest --update-goldens` writes them anew, to be reviewed as a diff."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from covey_cli import boundary
from covey_cli.rendering import plan
from covey_cli.repo import load

HERE = Path(__file__).parents[4]
CASES = [HERE / "examples/fleet", *sorted((HERE / "tests/cases/render").iterdir())]


def tree(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_specs_render_to_the_reviewed_files(case, tmp_path, request):
    if request.config.getoption("--update-goldens"):
        shutil.rmtree(case / "rendered", ignore_errors=True)
        boundary.run(["render", "--root", str(case)])
    fresh = tmp_path / "fresh"
    shutil.copytree(case, fresh, ignore=shutil.ignore_patterns("rendered"))

    assert boundary.run(["render", "--root", str(fresh)]) == 0
    assert tree(fresh / "rendered") == tree(case / "rendered")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_nothing_is_left_to_render_and_nothing_is_wrong(case):
    repo = load(case)
    planned = plan(repo)

    assert repo.findings == ()
    assert planned.findings == ()
    assert planned.writes == ()
    assert planned.removals == ()

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from covey_cli.local_run.files import held
from program import covey, environment
from run_cases import begun, finished

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    """A fleet repo with a run that ended well, one that failed and one that was killed, all begun at once."""
    (tmp_path / "covey.yaml").write_text("")
    finished("completed", tmp_path)
    finished("failed", tmp_path)
    begun("interrupted", tmp_path)
    return tmp_path


def test_runs_are_a_table(fleet: Path) -> None:
    ended = covey("runs", cwd=fleet)
    assert ended.returncode == 0, ended.stderr
    heading, *rows = (line.split() for line in ended.stdout.splitlines())
    assert heading == ["RUN", "JOB", "RUNTIME", "STATE", "ROUNDS", "ACCURACY", "STARTED", "TIME"]
    assert [row[:6] for row in rows] == [
        ["lanes-1-77aa01", "vision/lanes", "openfl", "Failed", "2/8", "—"],
        ["digits-2-0b5e77", "vision/digits", "flower", "Interrupted", "3/8", "91.9%"],
        ["digits-1-a1b2c3", "vision/digits", "flower", "Completed", "8/8", "93.9%"],
    ]


def test_programs_get_json(fleet: Path) -> None:
    shown = json.loads(covey("runs", "--format", "json", cwd=fleet).stdout)
    assert shown["version"] == 1
    assert shown["problems"] == []
    assert shown["runs"][2]["id"] == "digits-1-a1b2c3"
    assert shown["runs"][2]["accuracy"] == pytest.approx(0.9387, abs=0.0001)


def test_no_runs_are_no_failure(tmp_path: Path) -> None:
    (tmp_path / "covey.yaml").write_text("")
    ended = covey("runs", cwd=tmp_path)
    assert ended.returncode == 0
    assert ended.stdout == "There are no local runs: `covey run JOB` makes one.\n"


def test_a_run_that_cannot_be_read_hides_no_other(fleet: Path) -> None:
    (fleet / ".covey/runs/digits-1-a1b2c3/run.json").write_text("{")
    (fleet / ".covey/runs/digits-1-a1b2c3/metrics_summary.json").unlink()
    ended = covey("runs", cwd=fleet)
    assert ended.returncode == 1
    assert len(ended.stdout.splitlines()) == 3
    assert ended.stderr.endswith("digits-1-a1b2c3/run.json is not JSON.\n")


def test_hostile_names_stay_in_their_column(tmp_path: Path) -> None:
    (tmp_path / "covey.yaml").write_text("")
    finished("hostile", tmp_path)
    ended = covey("runs", cwd=tmp_path)
    assert "\x1b" not in ended.stdout
    assert len(ended.stdout.splitlines()) == 2


@pytest.mark.parametrize(
    ("words", "run"),
    [
        ([], "lanes-1-77aa01"),
        (["digits"], "digits-2-0b5e77"),
        (["vision/digits"], "digits-2-0b5e77"),
        (["digits-1"], "digits-1-a1b2c3"),
        (["digits-1-a1b2c3"], "digits-1-a1b2c3"),
    ],
)
def test_report_finds_the_run(words: list[str], run: str, fleet: Path) -> None:
    ended = covey("report", *words, cwd=fleet)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == f"{fleet}/.covey/runs/{run}/report.html\n"


def test_a_run_that_goes_on_is_listed_and_reported_as_far_as_it_has_come(fleet: Path) -> None:
    folder = fleet / ".covey/runs/digits-2-0b5e77"
    with held(folder):
        listed = covey("runs", cwd=fleet)
        ended = covey("report", "digits-2", cwd=fleet)
    assert [line.split()[3] for line in listed.stdout.splitlines()] == ["STATE", "Failed", "Running", "Completed"]
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == f"{folder}/report.html\n"
    again = "`covey report digits-2-0b5e77` shows what is known by then."
    assert ended.stderr == f"The run goes on (3 of 8 rounds so far): {again}\n"
    shown = (folder / "report.html").read_text("utf-8")
    assert "Training is going on: 3 of 8 rounds so far." in shown
    assert "The run goes on: this page shows what was known" in shown


def test_report_of_a_run_that_was_killed_says_how_to_go_on(fleet: Path) -> None:
    ended = covey("report", "digits-2", cwd=fleet)
    on = "`covey run --resume digits-2-0b5e77` goes on with it."
    assert ended.stderr == f"The run was interrupted (3 of 8 rounds): {on}\n"
    assert not covey("report", "digits-1", cwd=fleet).stderr


def test_report_is_written_where_it_is_wanted(fleet: Path) -> None:
    ended = covey("report", "digits-2", "--output", "mail/me.html", cwd=fleet)
    assert ended.returncode == 0, ended.stderr
    assert "Training was interrupted after 3 of 8 rounds" in (fleet / "mail/me.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["digts"], "error: No local run has the id or the job 'digts'. Did you mean 'digits'?\n"),
        (["digits", "--output", "covey.yaml/x.html"], "covey.yaml/x.html: not a directory.\n"),
    ],
)
def test_report_says_what_is_wrong(words: list[str], sentence: str, fleet: Path) -> None:
    ended = covey("report", *words, cwd=fleet)
    assert ended.returncode == 1
    assert sentence in ended.stderr


def test_report_without_runs_says_how_to_make_one(tmp_path: Path) -> None:
    (tmp_path / "covey.yaml").write_text("")
    ended = covey("report", cwd=tmp_path)
    assert ended.returncode == 1
    hint = "hint: `covey run JOB` makes one."
    assert ended.stderr == f"error: There is no local run in {tmp_path}.\n{hint}\n"


def test_open_hands_the_file_to_the_browser(fleet: Path) -> None:
    browser = fleet / "bin/xdg-open"
    browser.parent.mkdir()
    browser.write_text(f'#!/bin/sh\necho "$@" > {fleet}/opened\n')
    browser.chmod(0o755)
    env = environment(fleet)
    ended = covey("report", "digits", "--open", cwd=fleet, env={**env, "PATH": f"{browser.parent}:{env['PATH']}"})
    assert ended.returncode == 0, ended.stderr
    assert (fleet / "opened").read_text().strip().endswith("/.covey/runs/digits-2-0b5e77/report.html")


def test_runs_of_a_job_that_stands_alone_are_found_beside_it(tmp_path: Path) -> None:
    finished("completed", tmp_path / "alone")
    (tmp_path / "alone/app").mkdir()
    listed = covey("runs", cwd=tmp_path / "alone/app")
    assert len(listed.stdout.splitlines()) == 2
    assert covey("report", "--root", "alone", cwd=tmp_path).returncode == 0
    nowhere = covey("runs", cwd=tmp_path)
    hint = "hint: `covey run JOB` makes a run; `--root DIR` names a folder elsewhere."
    said = f"error: There is no .covey/runs and no covey.yaml in {tmp_path} or in a folder above it."
    assert (nowhere.returncode, nowhere.stderr) == (1, f"{said}\n{hint}\n")
    wrong = covey("runs", "--root", "alone/app", cwd=tmp_path)
    assert wrong.stderr.startswith("error: There is no .covey/runs and no covey.yaml in alone/app.\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--resume", "--rounds", "9", "-n", "3"), "leave out --collaborators, --rounds"),
        (("job.yaml", "--root", "."), "--root is for --resume"),
        (("job.yaml", "--no-data", "--seed", "2"), "--split and --seed are for data that Covey deals out"),
    ],
)
def test_a_word_that_would_change_nothing_is_refused(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    run = covey("run", *words, cwd=tmp_path)
    assert run.returncode == 2
    assert said in run.stderr

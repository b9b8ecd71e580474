from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jsonschema_rs import validator_for

from covey_cli.errors import UserError
from covey_cli.local_run import files as run_files
from covey_core.results.summary import Outcome, State
from result_runs import facts
from run_cases import CASES, NAMES, begun, finished

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator as Validator

WITHOUT_JINJA2 = """
import sys
from pathlib import Path
sys.modules["jinja2"] = None
from covey_cli.local_run.files import finish
from covey_core.results.summary import Outcome, State
finish(Path(sys.argv[1]), Outcome(State.COMPLETED))
"""
HOLDER = """
import sys, time
from pathlib import Path
from covey_cli.local_run.files import held
with held(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("name", NAMES)
def test_what_is_left_of_a_run_is_as_written_down(name: str, tmp_path: Path, request) -> None:
    folder, results = finished(name, tmp_path)
    for file in (run_files.ROUNDS, run_files.SUMMARY):
        golden = CASES / name / file
        if request.config.getoption("--update-goldens"):
            golden.write_bytes((folder / file).read_bytes())
        assert (folder / file).read_text() == golden.read_text()
    assert run_files.load(folder) == results
    assert (folder / run_files.REPORT).read_text("utf-8").startswith("<!doctype html>")


def test_begin_writes_what_is_read(tmp_path: Path) -> None:
    run_files.begin(tmp_path, facts())
    assert run_files.read_facts(tmp_path) == facts()


def test_a_run_is_running_as_long_as_its_process_lives(tmp_path: Path) -> None:
    folder = begun("interrupted", tmp_path)
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(folder)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        assert run_files.load(folder).summary.state is State.RUNNING
        os.kill(process.pid, signal.SIGKILL)
    summary = run_files.load(folder).summary
    assert summary.state is State.INTERRUPTED
    assert summary.finished_rounds == len(run_files.load(folder).rounds) > 0


def test_a_run_without_events_has_results(tmp_path: Path) -> None:
    folder = begun("completed", tmp_path)
    (folder / "events.jsonl").unlink()
    assert run_files.load(folder).rounds == ()
    assert run_files.finish(folder, Outcome(State.FAILED, "It never came up.")).summary.finished_rounds == 0


def test_lines_that_are_no_events_are_counted_and_half_a_line_is_not(tmp_path: Path) -> None:
    folder = begun("completed", tmp_path)
    before = run_files.load(folder)
    with (folder / "events.jsonl").open("ab") as stream:
        stream.write(b"\xff\xfe\n[1]\n" + b'{"sequence":1,"time":1e999,"type":"round"}\n' + b'{"sequence": 99, "ti')
    after = run_files.load(folder)
    assert after.summary.unreadable == 3
    assert after.rounds == before.rounds


def test_events_outside_of_the_run_s_folder_are_not_read(tmp_path: Path) -> None:
    run_files.begin(tmp_path, facts(events="../../etc/passwd"))
    with pytest.raises(UserError, match="leads outside"):
        run_files.load(tmp_path)


@pytest.mark.parametrize(
    ("file", "text", "sentence"),
    [
        ("run.json", "{", r"run\.json is not JSON\.$"),
        ("run.json", "[" * 100_000, r"run\.json is not JSON\.$"),
        ("run.json", "{}", r"run\.json: the field version is missing\.$"),
        ("metrics_summary.json", "[]", r"metrics_summary\.json: the whole must be a mapping\.$"),
        ("round_metrics.jsonl", '{"round": 1}\n', r"round_metrics\.jsonl: the field ended is missing\.$"),
    ],
)
def test_a_damaged_file_is_named(file: str, text: str, sentence: str, tmp_path: Path) -> None:
    folder, _ = finished("completed", tmp_path)
    (folder / file).write_text(text)
    with pytest.raises(UserError, match=sentence):
        (run_files.read_facts if file == "run.json" else run_files.load)(folder)


def test_another_version_is_refused(tmp_path: Path) -> None:
    folder, _ = finished("completed", tmp_path)
    for file in ("metrics_summary.json", "run.json"):
        (folder / file).write_text(json.dumps({**json.loads((folder / file).read_text()), "version": 2}))
        with pytest.raises(UserError, match=r"has version 2; this Covey reads version 1\.$"):
            run_files.load(folder)
        (folder / "metrics_summary.json").unlink(missing_ok=True)


def test_results_do_not_wait_for_the_package_that_makes_the_report(tmp_path: Path) -> None:
    folder = begun("completed", tmp_path)
    line = [sys.executable, "-c", WITHOUT_JINJA2, str(folder)]
    ended = subprocess.run(line, capture_output=True, text=True, check=False)
    assert "The report needs the package jinja2." in ended.stderr
    assert run_files.load(folder).summary.state is State.COMPLETED
    assert not (folder / run_files.REPORT).exists()


def test_a_pipe_or_a_flood_in_place_of_the_events_is_refused(tmp_path: Path) -> None:
    folder = begun("completed", tmp_path)
    os.truncate(folder / "events.jsonl", 300 << 20)
    with pytest.raises(UserError, match=r"events\.jsonl has 314,572,800 bytes; the limit is 268,435,456\.$"):
        run_files.load(folder)
    (folder / "events.jsonl").unlink()
    os.mkfifo(folder / "events.jsonl")
    with pytest.raises(UserError, match=r"events\.jsonl is not a file\.$"):
        run_files.load(folder)


@pytest.mark.parametrize("name", NAMES)
def test_the_files_fit_their_published_schemas(name: str) -> None:
    for file in (run_files.FACTS, run_files.SUMMARY, run_files.ROUNDS):
        text = (CASES / name / file).read_text()
        for value in map(json.loads, text.splitlines() if file == run_files.ROUNDS else [text]):
            found = _validator(file)
            assert found.is_valid(value), found.validate(value)
            assert not found.is_valid({**value, "seconds": "2", "number": "2"})


def _validator(file: str) -> Validator:
    schema = Path(__file__).parents[4] / "docs/reference" / f"{file.partition('.')[0]}.schema.json"
    return validator_for(json.loads(schema.read_text()))

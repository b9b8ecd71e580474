"""Each failure has the code of whom it concerns, and one sentence."""

from __future__ import annotations

import errno
import json

import pytest

from covey_core.launch.events import MAX_LINE
from inside_openfl import inside

reporting = inside("reporting", package="covey_reports")
few = inside("few", package="covey_reports").few


@pytest.mark.parametrize(
    "case",
    [
        (ValueError("the labels\n are odd"), 20, "The app failed: ValueError: the labels are odd"),
        (OSError(errno.ENOSPC, "No space left", "/somewhere/a"), 10, "The disk is full: /somewhere/a."),
        (FileNotFoundError(2, "none", "/data/train.npz"), 40, "The data is gone: there is no /data/train.npz."),
        (FileNotFoundError(2, "none", "/else"), 20, "The app failed: FileNotFoundError: [Errno 2] none: '/else'"),
    ],
    ids=["an app's error", "a full disk", "lost data", "another file"],
)
def test_a_failure_has_its_code_and_sentence(tmp_path, monkeypatch, capsys, case):
    error, code, sentence = case
    reports = tmp_path / "reports.jsonl"
    monkeypatch.setenv("COVEY_REPORTS", str(reports))
    monkeypatch.setenv("COVEY_DATA", "/data")

    assert reporting.failed("The app", error) == code

    assert json.loads(reports.read_text()) == {"type": "error", "code": code, "message": sentence}
    assert capsys.readouterr().err == sentence + "\n"


def test_a_sentence_is_one_line_and_not_too_long(tmp_path, monkeypatch):
    monkeypatch.setenv("COVEY_REPORTS", str(tmp_path / "reports.jsonl"))

    reporting.report("error", message="one\ntwo " * 1000)

    message = json.loads((tmp_path / "reports.jsonl").read_text())["message"]
    assert message.startswith("one two one")
    assert len(message) == 2000


def test_metrics_are_cut_and_counted_and_the_known_ones_stay():
    told = few({f"metric-{number}": 1.0 for number in range(5000)} | {"loss": 0.5, "x" * 3000: 1.0})
    assert len(told) == 101
    assert told["loss"] == 0.5
    assert told["metrics_left_out"] == 5002 - 100
    assert max(len(name) for name in told) <= 100


def test_few_metrics_stay_as_they_are():
    assert few({"accuracy": 0.5, "b": 2}) == {"accuracy": 0.5, "b": 2}


@pytest.mark.parametrize("collaborators", [1, 50, 2000])
def test_a_report_is_a_line_that_a_launcher_reads(collaborators):
    """Whatever collaborators measure, and however they call it: a longer line would end the run."""
    measured = {f"{number} {chr(0x1F600) * 200}": 1 / 3 for number in range(300)}
    each = {f"site-{number}": few(measured, sharers=collaborators + 1) for number in range(collaborators)}
    assert len(json.dumps({"metrics": few(measured, sharers=collaborators + 1), "collaborators": each})) < MAX_LINE

"""Each failure has the code of whom it concerns, and one sentence."""

from __future__ import annotations

import errno
import json

import pytest

from inside_openfl import inside

reporting = inside("reporting")


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

from __future__ import annotations

import json
import re

import pytest

from covey_cli.console import safe
from covey_cli.output import GITHUB_MOST, emit, emit_json, summary
from covey_core.findings import Finding, Position, Severity

UNKNOWN = Finding(
    "schema/unknown-field",
    "There is no field 'round'.",
    "jobs/vision/digits/job.yaml",
    Position(9, 3),
    "/spec/round",
    "Did you mean 'rounds'?",
)
LATE = Finding("yaml/trap", "This reads as a number.", "covey.yaml", Position(2, 1), severity=Severity.WARNING)
NOTE = Finding("render/newer", "Rendered by an older Covey.", "covey.yaml", severity=Severity.INFO)


def _emitted(capsys: pytest.CaptureFixture[str], *findings: Finding, form: str, checked: int | None = None) -> str:
    emit(findings, format=form, checked=checked)
    return capsys.readouterr().out


def test_text_names_place_severity_message_rule_and_hint(capsys: pytest.CaptureFixture[str]) -> None:
    assert _emitted(capsys, UNKNOWN, form="text") == (
        "jobs/vision/digits/job.yaml:9:3: error: There is no field 'round'. [schema/unknown-field]\n"
        "    hint: Did you mean 'rounds'?\n"
        "1 error in 1 file.\n"
    )


def test_findings_are_sorted_and_no_finding_is_shown_twice(capsys: pytest.CaptureFixture[str]) -> None:
    shown = _emitted(capsys, UNKNOWN, LATE, UNKNOWN, form="text").splitlines()
    assert [line.partition(":")[0] for line in shown[:2]] == ["covey.yaml", "jobs/vision/digits/job.yaml"]
    assert shown[-1] == "1 error, 1 warning in 2 files."


@pytest.mark.parametrize(
    ("findings", "checked", "said"),
    [
        ((), None, "No problems found."),
        ((), 1, "No problems found in 1 file."),
        ((), 12, "No problems found in 12 files."),
        ((UNKNOWN, LATE, NOTE), 12, "1 error, 1 warning, 1 note in 2 files of 12."),
    ],
)
def test_the_summary_counts(findings: tuple[Finding, ...], checked: int | None, said: str) -> None:
    assert summary(findings, checked) == said


def test_json_has_the_documented_shape(capsys: pytest.CaptureFixture[str]) -> None:
    shown = json.loads(_emitted(capsys, UNKNOWN, LATE, form="json", checked=3))
    assert shown == {
        "version": 1,
        "summary": {"errors": 1, "warnings": 1, "notes": 0, "filesWithFindings": 2, "filesChecked": 3},
        "findings": [
            {
                "rule": "yaml/trap",
                "severity": "warning",
                "file": "covey.yaml",
                "line": 2,
                "column": 1,
                "pointer": "",
                "message": "This reads as a number.",
                "hint": "",
            },
            {
                "rule": "schema/unknown-field",
                "severity": "error",
                "file": "jobs/vision/digits/job.yaml",
                "line": 9,
                "column": 3,
                "pointer": "/spec/round",
                "message": "There is no field 'round'.",
                "hint": "Did you mean 'rounds'?",
            },
        ],
    }


def test_json_is_ascii_so_that_no_terminal_obeys_it(capsys: pytest.CaptureFixture[str]) -> None:
    emit_json({"text": "\x9b2J ö \u202e"})
    shown = capsys.readouterr().out
    assert shown.isascii()
    assert json.loads(shown) == {"version": 1, "text": "\x9b2J ö \u202e"}


def test_github_annotates_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert _emitted(capsys, UNKNOWN, LATE, NOTE, form="github").splitlines() == [
        "::notice file=covey.yaml,line=1,col=1,title=render/newer::Rendered by an older Covey.",
        "::warning file=covey.yaml,line=2,col=1,title=yaml/trap::This reads as a number.",
        (
            "::error file=jobs/vision/digits/job.yaml,line=9,col=3,title=schema/unknown-field::"
            "There is no field 'round'. Hint: Did you mean 'rounds'?"
        ),
        "1 error, 1 warning, 1 note in 2 files.",
    ]


def test_github_escapes_what_would_end_a_property_or_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    nasty = Finding("a/b", "100% of\n::error::forged", "a,b:c\n.yaml")
    line = _emitted(capsys, nasty, form="github").splitlines()[0]
    assert line == "::error file=a%2Cb%3Ac%0A.yaml,line=1,col=1,title=a/b::100%25 of\\n::error::forged"


def test_github_gets_ten_annotations_of_a_level_and_the_rest_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    many = [Finding("a/b", "Wrong.", "f.yaml", Position(line, 1)) for line in range(1, GITHUB_MOST + 4)]
    shown = _emitted(capsys, *many, LATE, form="github").splitlines()
    assert sum(line.startswith("::error ") for line in shown) == GITHUB_MOST
    assert sum(line.startswith("::warning ") for line in shown) == 1
    assert "- f.yaml:13:1: error: Wrong. [a/b]" in shown
    assert shown[-1] == "13 errors, 1 warning in 2 files."


def test_no_text_from_a_file_becomes_a_github_command(capsys: pytest.CaptureFixture[str]) -> None:
    forged = [Finding("a/b", "##[set-env name=PATH]x", "::error::x", Position(line, 1)) for line in range(1, 13)]
    for line in _emitted(capsys, *forged, form="github").splitlines():
        assert "##[" not in line
        assert re.match(r"(::error file=|- |12 errors)", line)


@pytest.mark.parametrize("form", ["text", "github"])
def test_text_from_files_is_inert_and_cut(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    nasty = Finding("a/b", "\x1b[31mred\x07\u202e\n" + "x" * 5000, "f.yaml", hint="\x1b]0;title\x07")
    shown = _emitted(capsys, nasty, form=form)
    assert re.fullmatch("[\x20-\x7e\n…]*", shown)
    assert len(shown) < 1000


def test_a_lone_surrogate_from_a_file_name_is_escaped() -> None:
    assert safe("bad\udcff.yaml") == "bad\\udcff.yaml"

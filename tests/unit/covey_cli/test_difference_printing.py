"""Differences as text, Markdown, JSON and commit messages: complete, inert and never too long."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from covey_cli.commit_message import message
from covey_cli.difference_markdown import MOST_BYTES, code, markdown
from covey_cli.difference_text import NO_EFFECT, as_json, lines
from covey_core.diff import ABSENT, Action, Difference, FieldChange, ObjectChange, SubjectChange

HOSTILE = "</details> @acme/all <img src=x onerror=y> ![p](https://evil.example) `x` | #1 \x1b[31m\u202e\n# Approved"


def subject(
    *notes: str, name: str = "vision/digits", action: Action = Action.CHANGED, fields: tuple[FieldChange, ...] = ()
) -> SubjectChange:
    one = ObjectChange("rendered/vision/digits/x.yaml", "FederatedLearning", "digits", "vision", action, fields)
    return SubjectChange("job", name, action, (("team", "@acme/vision"),), notes, (one,))


CHANGED = Difference((subject("rounds 5 -> 10", fields=(FieldChange("/spec/rounds", 5, ABSENT),)),))
STAMPED = Difference((subject(action=Action.STAMPED),), ("covey/0.1.0", "covey/0.2.0"))


def test_text_tells_what_changes_for_whom_and_in_which_objects() -> None:
    assert list(lines(CHANGED, {"jobs/vision/digits/job.yaml": "M"})) == [
        "\x1b[1mjob vision/digits\x1b[0m is \x1b[33mchanged\x1b[0m",
        "  team: @acme/vision",
        "  * rounds 5 -> 10",
        "  \x1b[33mchanged\x1b[0m FederatedLearning digits (rendered/vision/digits/x.yaml)",
        "      /spec/rounds: 5 -> nothing",
        "",
        "Files that people wrote:",
        "  changed jobs/vision/digits/job.yaml",
        "",
        "1 rendered object and 1 written file changed.",
    ]


def test_another_renderer_alone_is_called_what_it_is() -> None:
    text = list(lines(STAMPED, {}))

    assert "Rendered by covey/0.2.0, before by covey/0.1.0." in text
    assert NO_EFFECT in text
    assert NO_EFFECT in markdown(STAMPED, {})
    assert not as_json(STAMPED, {})["hasEffect"]


def test_no_difference_is_one_sentence() -> None:
    assert list(lines(Difference(()), {})) == ["Nothing changes."]


def test_json_leaves_out_the_value_that_is_not_there() -> None:
    fields = as_json(CHANGED, {})["subjects"][0]["objects"][0]["fields"]

    assert fields == [{"pointer": "/spec/rounds", "old": 5}]
    assert json.loads(json.dumps(as_json(CHANGED, {"a": "A"})))["files"] == [{"path": "a", "action": "added"}]


def test_markdown_holds_nothing_of_the_files_outside_of_code_spans() -> None:
    hostile = subject(HOSTILE, name=HOSTILE, fields=(FieldChange(f"/{HOSTILE}", HOSTILE, [HOSTILE]),))
    text = markdown(Difference((hostile,), (HOSTILE, HOSTILE)), {HOSTILE: "A"})
    outside = re.sub(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", "CODE", text)

    assert "evil.example" in text
    for word in ("@", "<img", "evil.example", "#1", "Approved", "\x1b", "\u202e"):
        assert word not in outside
    assert outside.count("<details>") == outside.count("</details>") == 1
    assert not re.search("[^\n -~…]", text)


@given(st.text(max_size=40))
def test_a_code_span_is_one_line_that_only_its_own_fence_ends(text: str) -> None:
    span = code(text)
    fence = re.match("`+", span)

    assert fence is not None
    assert span.splitlines() == [span]
    assert span.endswith(fence.group())
    assert fence.group() not in re.findall("`+", span[len(fence.group()) : -len(fence.group())])


@pytest.mark.parametrize("number", [10, 2000])
def test_markdown_fits_into_a_comment_and_says_when_it_is_cut(number: int) -> None:
    fields = tuple(FieldChange(f"/spec/é{index}", "a" * 100, "b" * 100) for index in range(number))
    text = markdown(Difference((subject("note", fields=fields), subject(name="vision/last"))), {})

    assert len(text.encode()) <= MOST_BYTES
    assert ("The rest is cut" in text) is (number == 2000)
    assert ("vision/last" in text) is (number == 10)
    assert text.count("<details>") == text.count("</details>")


class TestCommitMessages:
    def test_one_job_stands_in_the_subject_with_what_changes(self) -> None:
        assert message(CHANGED, []).splitlines() == [
            "Change job vision/digits: rounds 5 -> 10",
            "",
            "- job vision/digits is changed",
            "  team: @acme/vision",
            "  * rounds 5 -> 10",
        ]

    @pytest.mark.parametrize(
        ("difference", "paths", "expected"),
        [
            (Difference((subject("x" * 80),)), [], "Change job vision/digits"),
            (Difference((subject(name="n" * 100, action=Action.REMOVED),)), [], "Remove job " + "n" * 60 + "…"),
            (Difference((subject(), subject(name="b", action=Action.ADDED))), [], "Change 2 jobs"),
            (Difference((subject(action=Action.ADDED), subject(name="b", action=Action.ADDED))), [], "Add 2 jobs"),
            (STAMPED, [], "Render again: no change in effect"),
            (Difference(()), ["jobs/a/b/app/main.py"], "Update jobs/a/b/app/main.py"),
            (Difference(()), ["jobs/a/b/x", "jobs/a/c/y"], "Update 2 files in jobs"),
        ],
    )
    def test_subjects(self, difference: Difference, paths: list[str], expected: str) -> None:
        assert message(difference, paths).splitlines()[0] == expected

    def test_a_hostile_value_can_not_forge_lines_or_trailers(self) -> None:
        text = message(Difference((subject(HOSTILE + "\nCovey-Job: other/job"),)), [], job="vision/digits")

        assert [line for line in text.splitlines() if line.startswith("Covey-Job:")] == ["Covey-Job: vision/digits"]
        assert "\x1b" not in text

    def test_a_long_body_is_cut(self) -> None:
        text = message(Difference(tuple(subject("x" * 400, name=str(index)) for index in range(100))), [])

        assert len(text) < 17_000
        assert text.endswith("- and more: see `covey diff`")

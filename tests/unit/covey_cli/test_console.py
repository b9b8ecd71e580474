from __future__ import annotations

import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from covey_cli import console


@given(st.text(st.characters(), max_size=700))
def test_safe_text_is_one_printable_line_of_bounded_length(text: str) -> None:
    shown = console.safe(text)
    assert shown.isprintable()
    assert len(shown) <= console.LONGEST * len("\\U00000000")
    assert not [letter for letter in shown if unicodedata.category(letter) in ("Cc", "Cf", "Cs")]


@given(st.text(st.characters(categories=["L", "N", "P"]), max_size=console.LONGEST))
def test_ordinary_text_is_shown_as_it_is(text: str) -> None:
    assert console.safe(text) == text


def test_long_text_is_cut_and_says_so() -> None:
    assert console.safe("x" * 11, longest=10) == "x" * 9 + "…"


@pytest.mark.parametrize(
    ("choice", "env", "color"),
    [
        ("auto", {}, None),
        ("auto", {"NO_COLOR": "1"}, False),
        ("auto", {"NO_COLOR": ""}, None),
        ("auto", {"TERM": "dumb"}, False),
        ("always", {"NO_COLOR": "1"}, True),
        ("never", {}, False),
    ],
)
def test_an_explicit_choice_of_colour_beats_the_environment(
    choice: str, env: dict[str, str], color: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert console.color_for(choice) is color


def test_a_stream_that_is_closed_or_missing_is_no_terminal() -> None:
    stream = io.StringIO()
    stream.close()
    assert not console.is_terminal(stream)
    assert not console.is_terminal(None)

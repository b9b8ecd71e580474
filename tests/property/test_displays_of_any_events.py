from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from covey_cli.local_run.display import Display
from covey_cli.local_run.display_words import columns
from property.any_events import EVENTS
from result_runs import facts
from screens import Screen


@pytest.mark.parametrize("shape", ["text", "json"])
@given(told=EVENTS)
def test_whatever_a_run_says_is_told_in_harmless_lines(shape, told) -> None:
    log = io.StringIO()
    display = Display(facts(), format=shape, stream=log, clock=iter(range(10_000)).__next__)
    for event in told:
        display.event(event)
        display.tick()
    display.failed("It ended.")
    lines = log.getvalue().splitlines()
    assert all(line.isprintable() for line in lines)
    if shape == "json":
        assert [json.loads(line)["type"] for line in lines] == [*(event.type for event in told), "result"]


@given(told=EVENTS, widths=st.lists(st.integers(1, 200), min_size=1, max_size=20))
def test_no_terminal_of_any_width_keeps_a_piece_of_the_live_line(told, widths) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TERM", "xterm")
        screen = Screen(200)
        display = Display(facts(), format="text", stream=screen, clock=iter(range(10_000)).__next__)
        for at, event in enumerate(told):
            screen.width = widths[at % len(widths)]
            patch.setenv("COLUMNS", str(screen.width))
            display.event(event)
            display.tick()
            assert columns(screen.lines[-1]) < screen.width or screen.width == 1
        display.close()
        assert screen.lines[-1] == ""

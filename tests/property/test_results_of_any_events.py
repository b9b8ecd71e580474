from __future__ import annotations

import json

from hypothesis import given

from covey_core.results.codec import decode, encode
from covey_core.results.series import rounds
from covey_core.results.summary import Outcome, State, Summary, summarize
from property.any_events import EVENTS
from result_runs import facts


@given(told=EVENTS)
def test_whatever_a_run_says_has_a_summary_that_is_json(told) -> None:
    found = rounds(told)
    summary = summarize(facts(), told, rounds=found, outcome=Outcome(State.FAILED))
    again = json.loads(json.dumps(encode(summary), allow_nan=False))
    assert decode(Summary, again) == summary
    assert [one.round for one in found] == sorted({one.round for one in found})
    assert all(one.seconds >= 0 and one.ended >= 0 for one in found)

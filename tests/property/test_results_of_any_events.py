from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from covey_core.launch.events import Event, Type
from covey_core.results.codec import decode, encode
from covey_core.results.series import rounds
from covey_core.results.summary import Outcome, State, Summary, summarize
from result_runs import facts

VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.integers(1, 5)),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=2), inner, max_size=2)),
    max_leaves=3,
)
FIELDS = st.dictionaries(
    st.sampled_from(
        ["round", "name", "value", "collaborator", "samples", "seconds", "message", "code", "metrics", "collaborators"]
    ),
    VALUES,
)
EVENTS = st.lists(
    st.builds(
        Event,
        st.integers(0, 9),
        st.floats(0, 1e10),
        st.sampled_from([*map(str, Type), "stranger"]),
        FIELDS,
    ),
    max_size=20,
)


@given(told=EVENTS)
def test_whatever_a_run_says_has_a_summary_that_is_json(told) -> None:
    found = rounds(told)
    summary = summarize(facts(), told, rounds=found, outcome=Outcome(State.FAILED))
    again = json.loads(json.dumps(encode(summary), allow_nan=False))
    assert decode(Summary, again) == summary
    assert [one.round for one in found] == sorted({one.round for one in found})
    assert all(one.seconds >= 0 and one.ended >= 0 for one in found)

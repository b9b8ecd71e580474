"""Lists of events as only a fault, or somebody who means harm, would write them."""

from __future__ import annotations

from hypothesis import strategies as st

from covey_core.launch.events import Event, Type

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

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from covey_cli.report.charts import LARGE, SMALL, accuracy_scale, chart, scale, thinned

NUMBERS = st.floats(-1e300, 1e300)
POINTS = st.dictionaries(st.integers(1, 10**6), NUMBERS, min_size=1, max_size=30).map(
    lambda known: tuple(sorted(known.items()))
)


@given(values=st.lists(NUMBERS, max_size=10))
@example(values=[0.0, 5e-324])
@example(values=[1e17, 1e17 + 16])
def test_a_scale_holds_its_values_with_a_few_ticks(values) -> None:
    found = scale(values)
    assert found.low < found.high
    assert all(found.low <= value <= found.high for value in values)
    assert 1 <= len(found.ticks) <= 8
    assert list(found.ticks) == sorted(set(found.ticks))
    assert all(found.low <= tick <= found.high for tick in found.ticks)


@given(values=st.lists(st.floats(0, 1), min_size=1, max_size=10))
def test_a_scale_of_shares_ends_at_all(values) -> None:
    found = accuracy_scale(values)
    assert 0 <= found.low <= min(values)
    assert max(values) <= found.high <= 1 + 1e-9


@given(points=POINTS, frame=st.sampled_from([LARGE, SMALL]))
def test_what_is_plotted_lies_in_the_frame(points, frame) -> None:
    drawn = chart("Loss", [("main", points)], up=scale([value for _, value in points]), frame=frame)
    places = [tuple(map(float, place.split(","))) for place in drawn.lines[0].path.split()]
    assert len(places) == len(points)
    assert all(frame.left <= x <= frame.width - frame.right for x, _ in places)
    assert all(frame.top <= y <= frame.height - frame.bottom for _, y in places)
    labels = [tick.at for tick in drawn.across]
    assert labels == sorted(set(labels))
    assert len(labels) <= 8


@given(length=st.integers(1, 2000), most=st.integers(2, 300))
def test_thinned_points_keep_both_ends(length, most) -> None:
    points = tuple((at, float(at)) for at in range(length))
    kept = thinned(points, most)
    assert kept[0] == points[0]
    assert kept[-1] == points[-1]
    assert len(set(kept)) == min(length, most)

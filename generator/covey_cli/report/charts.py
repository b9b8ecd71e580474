"""Where the lines of a plot run: pure geometry in the units of an SVG's view box."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .words import number, percent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Points = tuple[tuple[int, float], ...]  # (round, value), rounds rising

MOST_POINTS: Final = 300  # more can't be told apart
_DOTS: Final = 40
_LEAST: Final = 0.01  # an axis spans at least this part of its values
_TICKS: Final = 4
_STEPS: Final = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Frame:
    """The view box and the margins around what is plotted."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int


LARGE: Final = Frame(width=380, height=220, left=52, right=14, top=12, bottom=38)
SMALL: Final = Frame(width=260, height=112, left=44, right=10, top=8, bottom=20)


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """`role` is its class in the style sheet; `dots` are left out where there would be too many."""

    role: str
    path: str
    dots: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """`description` says in words what the lines show."""

    title: str
    description: str
    frame: Frame
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    """The lowest and the highest value on an axis, and the ticks between."""

    low: float
    high: float
    ticks: tuple[float, ...]


def chart(
    title: str,
    lines: Sequence[tuple[str, Points]],
    *,
    up: Scale,
    frame: Frame = LARGE,
    show: Callable[[float], str] = number,
) -> Chart:
    """`lines` are (role, points), the first being the one that the description tells."""
    last = max((points[-1][0] for _, points in lines if points), default=1)
    across = Scale(1, max(last, 2), ())
    return Chart(
        title=title,
        description=describe(title, lines[0][1], show=show),
        frame=frame,
        across=tuple(Tick(_x(one, across, frame), f"{one:,}") for one in _round_ticks(last)),
        up=tuple(Tick(_y(one, up, frame), show(one)) for one in up.ticks),
        lines=tuple(_line(role, thinned(points), across=across, up=up, frame=frame) for role, points in lines),
    )


def describe(title: str, points: Points, *, show: Callable[[float], str]) -> str:
    if not points:
        return f"{title}: nothing was measured."
    (first, begin), (last, end) = points[0], points[-1]
    if first == last:
        return f"{title}: {show(end)} in round {last:,}."
    return f"{title}: from {show(begin)} in round {first:,} to {show(end)} in round {last:,}."


def scale(values: Sequence[float], *, zero: bool = False, most: float = math.inf) -> Scale:
    """Round numbers around the values; `zero` begins at nothing, and no tick is above `most`."""
    low, high = (0.0 if zero else min(values, default=0.0)), max(values, default=1.0)
    span = max(high - low, _LEAST * (max(abs(low), abs(high)) or 1), 1e-9)  # or all ticks would read the same
    low, high = max(min(low, high - span), 0.0 if low >= 0 else -math.inf), min(max(high, low + span), most)
    step = _step((high - low) / _TICKS)
    digits = 2 - math.floor(math.log10(step))
    wanted = range(math.floor(low / step), math.ceil(high / step) + 1)
    ticks = tuple(tick for one in wanted if (tick := round(one * step, digits)) <= most)
    return Scale(min(low, ticks[0]), max(high, ticks[-1]), ticks)


def accuracy_scale(values: Sequence[float]) -> Scale:
    """Of shares; of values that are none (an app's own idea of accuracy) the ordinary scale."""
    return scale(values, most=1) if all(0 <= one <= 1 for one in values) else scale(values)


def show_accuracy(up: Scale) -> Callable[[float], str]:
    return percent if up.low >= 0 and up.high <= 1 else number


def thinned(points: Points, most: int = MOST_POINTS) -> Points:
    """Every so many-th point, the first and the last among them."""
    if len(points) <= most:
        return points
    return tuple(points[round(at * (len(points) - 1) / (most - 1))] for at in range(most))


def _step(least: float) -> float:
    power = 10 ** math.floor(math.log10(least))
    return float(next(one * power for one in _STEPS if one * power >= least * (1 - 1e-9)))


def _round_ticks(last: int) -> list[int]:
    if last <= _TICKS + 2:
        return list(range(1, last + 1))
    step = max(1, round(_step((last - 1) / _TICKS)))
    between = [one for one in range(step, last + 1, step) if last - one >= step / 2 and one - 1 >= step / 2]
    return [1, *between, last]


def _line(role: str, points: Points, *, across: Scale, up: Scale, frame: Frame) -> Line:
    places = tuple((_x(at, across, frame), _y(value, up, frame)) for at, value in points)
    path = " ".join(f"{x:g},{y:g}" for x, y in places)
    return Line(role, path, places if len(places) <= _DOTS else places[-1:])


def _x(value: float, across: Scale, frame: Frame) -> float:
    inner = frame.width - frame.left - frame.right
    return round(frame.left + inner * (value - across.low) / (across.high - across.low), 1)


def _y(value: float, up: Scale, frame: Frame) -> float:
    inner = frame.height - frame.top - frame.bottom
    return round(frame.height - frame.bottom - inner * (value - up.low) / (up.high - up.low), 1)

"""Functions that Kubernetes adds to CEL and our engine lacks.

The engine's types are closed, so a quantity, a URL or an address is a map with a mark: equal maps are equal values, and
each function looks at the mark. What is missing here does not compile, which is a finding and never silence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import library_lists, library_net, library_text
from .marked import mark_of

if TYPE_CHECKING:
    from collections.abc import Callable

# name, return type, parameter types, member?, implementation
Function = tuple[str, str, tuple[str, ...], bool, "Callable[..., Any]"]


def extension(cel: Any) -> Any:
    """Our functions as one extension of the engine."""
    by_name: dict[str, list[Any]] = {}
    rows = (*library_text.FUNCTIONS, *library_lists.FUNCTIONS, *library_net.FUNCTIONS, *_SHARED)
    for number, (name, returns, parameters, member, implementation) in enumerate(rows):
        overload = cel.Overload(
            f"covey_{number}",
            return_type=getattr(cel.Type, returns),
            parameters=[getattr(cel.Type, parameter) for parameter in parameters],
            is_member=member,
            impl=implementation,
        )
        by_name.setdefault(name, []).append(overload)
    return cel.CelExtension("covey", [cel.FunctionDecl(name, overloads) for name, overloads in by_name.items()])


def _string(value: dict[str, Any]) -> str:
    mark_of(value)
    return str(value["text"])


def _compare(left: dict[str, Any], right: dict[str, Any]) -> int:
    if mark_of(left) != mark_of(right):
        raise ValueError("values of different kinds can't be compared")
    low: Any
    high: Any
    low, high = _ORDERS[mark_of(left)](left), _ORDERS[mark_of(right)](right)
    return int(low > high) - int(low < high)


_ORDERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "quantity": library_text.number,
    "semver": library_text.precedence,
}
_SHARED: tuple[Function, ...] = (
    ("string", "STRING", ("MAP",), False, _string),
    ("compareTo", "INT", ("MAP", "MAP"), True, _compare),
    ("isGreaterThan", "BOOL", ("MAP", "MAP"), True, lambda left, right: _compare(left, right) > 0),
    ("isLessThan", "BOOL", ("MAP", "MAP"), True, lambda left, right: _compare(left, right) < 0),
)

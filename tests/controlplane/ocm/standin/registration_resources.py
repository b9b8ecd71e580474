"""Resources of all nodes together, as Kubernetes writes quantities."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from controlplane.ocm.api import Object

_BINARY = {"": 1, **{f"{letter}i": 1024**power for power, letter in enumerate("KMGTPE", 1)}}
_DECIMAL = {"m": Decimal("0.001"), "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15, "E": 10**18}
_QUANTITY = re.compile(r"([0-9.]+)([A-Za-z]*)")


def total(nodes: Iterable[Object], part: str) -> dict[str, str]:
    """Of `capacity` or `allocatable`."""
    amounts: dict[str, list[str]] = {}
    for node in nodes:
        for name, amount in node.get("status", {}).get(part, {}).items():
            amounts.setdefault(name, []).append(amount)
    return {name: _sum(each) for name, each in sorted(amounts.items())}


def _sum(amounts: list[str]) -> str:
    """In the unit of the first, where the sum is whole in it."""
    if len(amounts) == 1:
        return amounts[0]
    value = sum((_value(amount) for amount in amounts), Decimal(0))
    unit = _split(amounts[0])[1]
    for one in (unit, "", "m"):
        scaled = value / Decimal(_BINARY.get(one) or _DECIMAL[one])
        if scaled == scaled.to_integral_value():
            return f"{int(scaled)}{one}"
    return str(value)


def _value(amount: str) -> Decimal:
    number, unit = _split(amount)
    return Decimal(number) * Decimal(_BINARY.get(unit) or _DECIMAL[unit])


def _split(amount: str) -> tuple[str, str]:
    found = _QUANTITY.fullmatch(amount)
    assert found, f"{amount!r} is no quantity"
    return found[1], found[2]

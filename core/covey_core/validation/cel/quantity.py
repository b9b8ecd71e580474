"""Kubernetes quantities such as 500m and 1.5Gi, as exact numbers."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([KMGTPE]i|[numkMGTPE]?)|[eE]([+-]?\d+))\Z")
_SUFFIXES: Final = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "": Decimal(1),
    **{name: Decimal(1000) ** power for power, name in enumerate("kMGTPE", 1)},
    **{f"{name}i": Decimal(1024) ** power for power, name in enumerate("KMGTPE", 1)},
}
_LONGEST_EXPONENT = 4


def parse(text: str) -> Decimal:
    """The number that `text` names; raises ValueError where it is no quantity."""
    match = _QUANTITY.match(text)
    if match is None or len(match[3] or "") > _LONGEST_EXPONENT:
        raise ValueError("not a quantity")
    number = Decimal(match[1])
    return number.scaleb(int(match[3])) if match[3] else number * _SUFFIXES[match[2]]


def canonical(number: Decimal) -> str:
    """The same text for equal numbers."""
    return format(number.normalize(), "f")

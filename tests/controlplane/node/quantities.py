"""Kubernetes' quantities as numbers."""

from __future__ import annotations

import math
from decimal import Decimal

_UNITS = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    **{name: Decimal(10) ** (3 * power) for power, name in enumerate("kMGTPE", 1)},
    **{f"{name}i": Decimal(1024) ** power for power, name in enumerate("KMGTPE", 1)},
}


def number(text: str) -> Decimal:
    for length in (2, 1):
        if text[-length:] in _UNITS:
            return Decimal(text[:-length]) * _UNITS[text[-length:]]
    return Decimal(text)


def divided(text: str, divisor: str) -> str:
    """As the downward API says it: whole units, rounded up."""
    by = number(divisor) or Decimal(1)
    return str(math.ceil(number(text) / by))

"""What rounds of the Gaussian mechanism cost: exact, and a function of their number, so that no restart can forget it.

A round adds noise of `noise` times the most that one collaborator can change. Rounds compose to one Gaussian mechanism
with noise / sqrt(rounds), whose (epsilon, delta) is known in closed form (Balle and Wang, 2018, theorem 8).
"""

from __future__ import annotations

import math

_MOST = 500.0  # an epsilon that protects nobody


def spent(rounds: int, *, noise: float, delta: float) -> float:
    """Epsilon after so many rounds, at that delta; infinite where it is beyond any sense."""
    if rounds == 0:
        return 0.0
    mu = math.sqrt(rounds) / noise
    if _delta(_MOST, mu) > delta:
        return math.inf
    low, high = 0.0, _MOST
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _delta(middle, mu) > delta else (low, middle)
    return high


def _delta(epsilon: float, mu: float) -> float:
    return _normal(mu / 2 - epsilon / mu) - math.exp(epsilon) * _normal(-mu / 2 - epsilon / mu)


def _normal(x: float) -> float:
    """The share of a normal distribution below x, also far out."""
    return math.erfc(-x / math.sqrt(2)) / 2

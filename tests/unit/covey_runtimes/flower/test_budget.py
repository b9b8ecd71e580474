"""Privacy budgets against values that others have published or that follow from the definition."""

from __future__ import annotations

import math

import pytest
from covey_flower.budget import spent


def test_one_round_costs_what_the_analytic_gaussian_mechanism_says():
    # The classic bound, noise = sqrt(2 ln(1.25/delta)) / epsilon, must never be cheaper than the exact one.
    for epsilon in (0.1, 0.5, 0.9):
        noise = math.sqrt(2 * math.log(1.25 / 1e-5)) / epsilon
        assert 0 < spent(1, noise=noise, delta=1e-5) < epsilon


def test_the_epsilon_fulfils_the_definition_of_delta():
    epsilon, noise = spent(1, noise=2.0, delta=1e-6), 2.0

    def below(x):
        return math.erfc(-x / math.sqrt(2)) / 2

    # The worst event of two Gaussians one apart, computed anew.
    event = 1 / (2 * noise) - epsilon * noise
    assert below(event) - math.exp(epsilon) * below(event - 1 / noise) == pytest.approx(1e-6, rel=1e-6)


def test_rounds_compose_as_one_round_with_less_noise():
    assert spent(4, noise=2.0, delta=1e-5) == pytest.approx(spent(1, noise=1.0, delta=1e-5))
    assert spent(2, noise=1.0, delta=1e-5) > spent(1, noise=1.0, delta=1e-5)


def test_no_round_costs_nothing_and_no_noise_everything():
    assert spent(0, noise=1.0, delta=1e-5) == 0
    assert spent(3, noise=0.01, delta=1e-5) == math.inf

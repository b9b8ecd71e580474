"""What the end of one of Flower's processes means for its side."""

from __future__ import annotations

import pytest
from covey_flower.ends import End, after


@pytest.mark.parametrize("name", ["flower-superlink", "flower-supernode", "flower-superexec"])
@pytest.mark.parametrize("code", [0, 1, -9])
def test_a_server_may_never_end(name, code):
    assert after(name, code).code == 1


def test_the_run_is_over_when_the_serverapp_has_ended_well():
    assert after("flwr-serverapp", 0) == End(0, "")


def test_an_app_that_is_killed_ends_its_side_and_says_how():
    assert after("flwr-clientapp", -9) == End(1, "The ClientApp's process was killed by signal 9.")
    assert after("flwr-serverapp", -11) == End(1, "The ServerApp's process was killed by signal 11.")


def test_a_clientapp_comes_and_goes():
    assert after("flwr-clientapp", 0) is None
    assert after("flwr-clientapp", 1) is None  # it raised, and has told so itself


def test_the_start_of_the_run_gives_its_code():
    assert after("submit", 0) is None
    assert after("submit", 30).code == 30

from __future__ import annotations

import pytest

from covey_cli.local_run.restarts import MOST, Next, follows, how, pause


def test_only_the_good_end_is_the_end():
    assert follows(0, 1) is Next.DONE


@pytest.mark.parametrize("code", [10, 143, 1, -9, -11])
def test_what_may_go_well_next_time_is_started_again_but_not_for_ever(code):
    assert follows(code, 1) is Next.AGAIN
    assert follows(code, MOST - 1) is Next.AGAIN
    assert follows(code, MOST) is Next.OVER


@pytest.mark.parametrize("code", [20, 30, 40, 2])
def test_what_no_second_start_can_mend_ends_at_once(code):
    assert follows(code, 1) is Next.OVER


def test_pauses_double_up_to_a_limit():
    assert [pause(number) for number in range(1, 9)] == [0.5, 1, 2, 4, 8, 15, 15, 15]


def test_an_end_has_words():
    assert how(-9) == "was killed by signal 9"
    assert how(20) == "ended with 20"

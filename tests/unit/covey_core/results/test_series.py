from __future__ import annotations

import math

import pytest

from covey_core.results.series import Share, rounds
from result_runs import a_run, events, metric


def test_each_finished_round_has_its_metrics_and_times() -> None:
    one, two, three = rounds(a_run())
    assert (one.round, one.ended, one.seconds, one.loss, one.accuracy) == (1, 4, 4, 1.5, 0.5)
    assert one.collaborators == (Share("site-1", 100, None, 0.4),)
    assert (two.ended, two.seconds) == (10, 1.75)  # the runtime's own word on the seconds
    assert [share.name for share in two.collaborators] == ["site-1", "site-2"]
    assert three.others == {"auc": 0.97}


def test_a_round_that_is_not_told_lasts_from_the_restart_and_not_from_the_death() -> None:
    told = events((0, "session", {}), (2, "round", {"round": 1}), (60, "session", {}), (63, "round", {"round": 2}))
    assert [one.seconds for one in rounds(told)] == [2, 3]


def test_of_a_round_done_twice_the_second_time_counts() -> None:
    assert rounds(a_run())[1].accuracy == 0.9


def test_a_metric_without_a_round_belongs_to_the_one_that_runs() -> None:
    told = events(metric(1, "loss", 2), (2, "round", {"round": 1}), metric(3, "loss", 1), (4, "round", {"round": 2}))
    assert [one.loss for one in rounds(told)] == [2, 1]


def test_a_round_that_did_not_finish_is_none() -> None:
    assert rounds(events((0, "session", {}), metric(1, "loss", 2, round=1))) == ()
    assert rounds(()) == ()


@pytest.mark.parametrize("value", [None, math.nan, math.inf, True, "0.5", [1], 10**400])
def test_what_is_no_number_is_no_metric(value) -> None:
    told = events(metric(1, "accuracy", value), (2, "round", {"round": 1}))
    assert rounds(told)[0].accuracy is None


@pytest.mark.parametrize("number", [None, 0, -1, 1.5, True, "1", 10**9])
def test_what_is_no_round_s_number_is_no_round(number) -> None:
    assert rounds(events((1, "round", {"round": number}))) == ()


def test_metrics_without_end_are_cut() -> None:
    told = events(*(metric(1, f"m{number}", number) for number in range(100)), (2, "round", {"round": 1}))
    assert len(rounds(told)[0].others) == 20


@pytest.mark.parametrize("samples", [-1, 2.0**60, math.nan])
def test_what_is_no_number_of_samples_is_not_told(samples) -> None:
    told = events(metric(1, "loss", 1, collaborator="a", samples=samples), (2, "round", {"round": 1}))
    assert rounds(told)[0].collaborators == (Share("a", None, 1, None),)


def test_a_round_s_own_event_may_bring_everything() -> None:
    each = {"site-1": {"examples": 60, "accuracy": 0.5}, "site-2": "nothing"}
    told = events((2, "round", {"round": 1, "metrics": {"loss": 0.25, "accuracy": 0.75}, "collaborators": each}))
    (one,) = rounds(told)
    assert (one.loss, one.accuracy) == (0.25, 0.75)
    assert one.collaborators == (Share("site-1", 60, None, 0.5), Share("site-2"))


def test_a_round_told_again_after_a_restart_keeps_what_was_known() -> None:
    told = events((2, "round", {"round": 1, "metrics": {"loss": 0.25}}), (9, "session", {}), (9, "round", {"round": 1}))
    assert rounds(told)[0].loss == 0.25

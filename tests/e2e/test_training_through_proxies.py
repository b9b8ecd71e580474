"""The launchers and a small runtime, trained through both real proxies with keys bound to certificates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from covey_transport.proxy.rules import Route, Rules
from federations import TINY
from proxied_training import Job, Training

if TYPE_CHECKING:
    from collections.abc import Iterator

RULES = Rules((Route("/tiny/work", ("GET",)), Route("/tiny/update", ("POST",))), "http1", 3, "x-tiny-key")
ALL = list(range(1, 16))


@pytest.fixture
def training(tmp_path) -> Iterator[Training]:
    with Training(tmp_path, Job("tiny", TINY / "app", RULES, rounds=len(ALL), pause=0.05)) as training:
        yield training


def test_a_run_completes(training) -> None:
    training.start()
    assert training.launchers["aggregator"].wait(60) == 0, training.said()
    training.stage.proxies[0].told(log="session", what="registered", who="cluster/site-2")
    assert training.rounds() == ALL


def test_a_run_goes_on_after_the_aggregators_proxy_was_killed(training) -> None:
    training.start()
    training.until_round(3)
    training.restart_proxy()
    assert training.launchers["aggregator"].wait(60) == 0, training.said()
    assert training.rounds() == ALL


def test_a_collaborator_off_the_roster_waits_and_joins_when_it_is_added(training) -> None:
    training.stage.roster("site-1")
    training.start()
    training.stage.proxies[0].told(log="request", code=403, why="[not-on-roster]", who="cluster/site-2")
    assert training.rounds() == []
    training.stage.roster("site-1", "site-2")
    assert training.launchers["aggregator"].wait(60) == 0, training.said()
    assert training.rounds() == ALL

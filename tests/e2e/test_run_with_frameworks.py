"""`covey run` with the real frameworks and the example app: whatever is killed, no round is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from local_runs import LocalRun, fleet_repo
from made_environments import made_environments

APP = Path(__file__).parents[2] / "examples/fleet/jobs/vision/digits/app"
VICTIMS = (
    ("aggregator", "launcher"),
    ("site-1", "launcher"),
    ("aggregator", "proxy"),
    ("site-2", "proxy"),
)
ROUNDS = 25  # of less than a second each: the last kill must still come in the middle


@pytest.fixture(params=["flower", "openfl"])
def start(request, tmp_path):
    """Starts `covey run` with the example app on that runtime; leaves no process behind."""
    found = made_environments(request.param)
    fleet_repo(tmp_path, runtime=request.param, app=APP, rounds=ROUNDS)
    made = []

    def run(*arguments):
        made.append(LocalRun(tmp_path, *(arguments or ["jobs/vision/digits"]), **found))
        return made[-1]

    yield run
    for one in made:
        one.close()


def test_a_run_survives_the_death_of_each_of_its_programs_and_then_of_all(start):
    run = start()
    for number, victim in enumerate(VICTIMS):
        run.until_round(4 * number + 2, seconds=90)
        run.kill(*victim)
    run.until_round(4 * len(VICTIMS) + 2, seconds=90)
    assert run.events("session")[1:], "the killed launcher of the aggregator came back"
    run.kill_all()
    kept = run.rounds()[-1]

    again = start("--resume")
    assert again.wait(150) == 0, again.out + again.err
    assert again.rounds() == list(range(1, ROUNDS + 1))
    assert again.events("session")[-1].fields["after"] in {kept, kept + 1}
    summary = json.loads((again.folder / "metrics_summary.json").read_text())
    assert summary["evaluation"]["accuracy"] > 0.9
    assert summary["attempts"]["restarts"] >= 1
    assert run.processes() == again.processes() == []

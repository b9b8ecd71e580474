"""OpenFL, trained through both real proxies: senders bound to certificates, and kills on the way."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from covey_runtimes import environments
from covey_runtimes.openfl import RUNTIME
from covey_transport.proxy.rules import parse_rules
from made_environments import made_environments
from proxied_training import Job, Training

if TYPE_CHECKING:
    from collections.abc import Iterator

ADAPTERS = Path(__file__).parents[1] / "contract/adapters"
pytestmark = pytest.mark.runtime_openfl


JOB = Job("openfl", ADAPTERS / "openfl_app", parse_rules(RUNTIME.proxy, "proxy"), rounds=20, pause=0.5)


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> Iterator[SimpleNamespace]:
    """A run that has ended, though first the aggregator's proxy was killed and then the aggregator itself."""
    made_environments("openfl")
    with Training(tmp_path_factory.mktemp("openfl"), JOB) as training:
        training.start()
        training.until_round(1)
        forged = _forged(training, "site-2", site="site-1")
        training.restart_proxy()
        training.until_round(len(training.rounds()) + 2)
        training.kill("aggregator")
        kept = len(training.rounds())
        training.start("aggregator")
        yield SimpleNamespace(training=training, codes=training.codes(seconds=150), forged=forged, kept=kept)


def test_a_run_completes_though_its_aggregator_and_the_proxy_are_killed(done) -> None:
    assert done.codes == {"aggregator": 0, "site-1": 0, "site-2": 0}, done.training.said()
    assert done.kept < JOB.rounds
    assert [event.fields["after"] for event in done.training.events("session")] == [0, done.kept]
    assert done.training.rounds() == list(range(1, JOB.rounds + 1))


def test_the_model_knows_what_no_site_could_teach_alone(done) -> None:
    assert done.training.accuracy() > 0.85


def test_a_result_of_one_site_in_the_name_of_another_is_refused(done) -> None:
    assert done.forged == {"Ping": "PERMISSION_DENIED", "SendLocalTaskResults": "PERMISSION_DENIED"}
    (told,) = done.training.events("error")
    assert told.fields["message"] == "Refused a PingRequest of site-1 that claims to come from 'site-2'."
    log = done.training.stage.folder / "aggregator/state/runs/1/logs/aggregator.log"
    assert "Refused a TaskResults of site-1 that claims to come from 'site-2'." in log.read_text()


def _forged(training: Training, claimed: str, *, site: str) -> dict[str, str]:
    """What the aggregator says to requests of that site with the other's name."""
    plan = training.stage.folder / site / "tmp/workspace/plan/plan.yaml"
    epoch = training.events("session")[-1].fields["epoch"]
    python = environments.python("openfl")
    words = [python, ADAPTERS / "forged_openfl.py", plan, str(training.ports[site]), claimed, epoch]
    told = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)
    found: dict[str, str] = json.loads(told.stdout.strip().rpartition("\n")[2])
    return found

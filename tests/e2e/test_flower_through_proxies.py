"""Flower, trained through both real proxies: bound keys, the long poll that Envoy does, and kills on the way."""

from __future__ import annotations

import json
import socket
from http.client import HTTPConnection
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from covey_runtimes.flower import RUNTIME
from covey_transport.proxy.rules import parse_rules
from made_environments import made_environments
from proxied_training import Job, Training
from proxy_clients import through

if TYPE_CHECKING:
    from collections.abc import Iterator

APP = Path(__file__).parents[1] / "contract/adapters/flower_app"
HEADER = "flwr-public-key"
pytestmark = pytest.mark.runtime_flower


JOB = Job("flower", APP, parse_rules(RUNTIME.proxy, "proxy"), rounds=5, pause=0.2)


@pytest.fixture(scope="module", autouse=True)
def _environment() -> None:
    made_environments("flower")


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> Iterator[SimpleNamespace]:
    """A run that has ended, and what was seen of it before its aggregator and the proxy were killed."""
    with Training(tmp_path_factory.mktemp("flower"), JOB) as training:
        training.start()
        training.until_round(1)
        stolen = through(training.ports["site-2"], "/v1/fleet/push-messages", **{HEADER: _key(training, "site-1")})
        control = through(training.ports["site-1"], "/v1/control/list-runs", **{HEADER: _key(training, "site-1")})
        seen = {"stolen": stolen[0], "control": control[0], "retries": _retries(training.stage.folder / "site-1")}
        seen["told"] = training.stage.proxies[0].told(log="request", code=403, why="[key-of-another]")
        training.kill("aggregator")
        training.restart_proxy()
        seen["kept"] = len(training.rounds())
        training.start("aggregator")
        yield SimpleNamespace(training=training, codes=training.codes(seconds=120), **seen)


def test_a_run_completes_though_its_aggregator_and_the_proxy_are_killed(done) -> None:
    assert done.codes == {"aggregator": 0, "site-1": 0, "site-2": 0}, done.training.said()
    assert done.kept < JOB.rounds
    assert [event.fields["after"] for event in done.training.events("session")] == [0, done.kept]
    assert done.training.rounds() == list(range(1, JOB.rounds + 1))


def test_the_model_knows_what_no_site_could_teach_alone(done) -> None:
    assert done.training.accuracy() > 0.85


def test_a_key_of_another_is_refused(done) -> None:
    assert done.stolen == 503
    assert done.told["who"].endswith("cluster/site-2")


def test_nobody_reaches_the_control_api_from_a_collaborator(done) -> None:
    assert done.control in {403, 404}


def test_the_proxy_asks_again_in_place_of_flower(done) -> None:
    assert done.retries > 0


def _key(training: Training, name: str) -> str:
    return json.loads((training.stage.folder / "aggregator/tmp/" / _members(training)).read_text())[name]


def _members(training: Training) -> str:
    (found,) = (training.stage.folder / "aggregator/tmp").glob("members-*.json")
    return found.name


def _retries(root: Path) -> int:
    """How often that side's Envoy has asked again."""
    with socket.socket(socket.AF_UNIX) as admin:
        admin.connect(str(root / "proxy/admin.sock"))
        connection = HTTPConnection("envoy")
        connection.sock = admin
        connection.request("GET", "/stats?filter=upstream_rq_retry$")
        text = connection.getresponse().read().decode()
    return sum(int(line.rpartition(": ")[2]) for line in text.splitlines())

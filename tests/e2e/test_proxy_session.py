"""Epochs and keys, through both proxies: what binds a runtime's key to a certificate."""

from __future__ import annotations

import json
import signal
import threading
import time
from typing import TYPE_CHECKING

import pytest

from covey_core import names
from covey_transport.session.client import (
    AggregatorSession,
    CollaboratorSession,
    KeyRefusedError,
    NewEpochError,
    SessionError,
)
from proxies import BOUND, KEY_HEADER, TRUST_DOMAIN, Stage
from proxy_clients import ask, through
from waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

SITE_1 = names.cluster_identity(TRUST_DOMAIN, "site-1")


@pytest.fixture
def stage(tmp_path) -> Iterator[Stage]:
    with Stage(tmp_path, rules=BOUND) as stage:
        stage.roster("site-1", "site-2")
        stage.aggregator()
        yield stage


@pytest.fixture(scope="module")
def shared(tmp_path_factory) -> Iterator[int]:
    """The port of a collaborator's proxy, for tests that change nothing."""
    with Stage(tmp_path_factory.mktemp("shared"), rules=BOUND) as stage:
        stage.roster("site-1")
        stage.aggregator()
        _, port = stage.collaborator("site-1")
        AggregatorSession(stage.session_port).open("first")
        yield port


def _echo(port: int, key: str) -> int:
    return through(port, **{KEY_HEADER: key})[0]


def test_a_registered_key_is_let_in_at_once_and_a_new_one_replaces_it(stage) -> None:
    _, port = stage.collaborator("site-1")
    launcher, session = AggregatorSession(stage.session_port), CollaboratorSession(port)
    with pytest.raises(SessionError, match="not started yet"):
        session.epoch()
    launcher.open("first")
    assert session.epoch() == "first"
    assert _echo(port, "key-a") == 503
    session.register("first", "key-a")
    assert _echo(port, "key-a") == 200
    session.register("first", "key-b")
    assert (_echo(port, "key-a"), _echo(port, "key-b")) == (503, 200)
    members = launcher.members()
    assert (members.epoch, members.keys) == ("first", {"site-1": "key-b"})
    stage.proxies[0].told(log="session", what="registered", who=SITE_1)


def test_a_new_epoch_forgets_the_keys_and_wakes_everybody(stage) -> None:
    _, port = stage.collaborator("site-1")
    launcher, session = AggregatorSession(stage.session_port), CollaboratorSession(port)
    version = launcher.open("first")
    session.register("first", "key-a")
    heard: list[str] = []
    waiting = threading.Thread(target=lambda: heard.append(session.epoch("first", wait=20)))
    waiting.start()
    time.sleep(0.3)
    assert launcher.open("second") > version
    waiting.join(3)
    assert heard == ["second"]
    assert _echo(port, "key-a") == 503
    with pytest.raises(NewEpochError, match="second, not first"):
        session.register("first", "key-a")
    session.register("second", "key-a")
    assert _echo(port, "key-a") == 200


def test_one_collaborator_can_not_take_the_key_of_another(stage) -> None:
    (_, one), (_, two) = stage.collaborator("site-1"), stage.collaborator("site-2")
    AggregatorSession(stage.session_port).open("first")
    CollaboratorSession(one).register("first", "key-a")
    with pytest.raises(KeyRefusedError, match="Another cluster"):
        CollaboratorSession(two).register("first", "key-a")
    assert _echo(two, "key-a") == 503
    stage.proxies[0].told(log="session", what="refused", why="key-taken", who="cluster/site-2")


def test_the_registered_identity_is_the_certificates(stage) -> None:
    """Whatever the request says of itself."""
    AggregatorSession(stage.session_port).open("first")
    body = json.dumps({"epoch": "first", "key": "key-x"}).encode()
    _, port = stage.collaborator("site-2")
    assert through(port, "/covey/v1/session", body=body, x_covey_cluster=SITE_1)[0] == 200
    assert AggregatorSession(stage.session_port).members().keys == {"site-2": "key-x"}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_request_hidden_in_a_body_is_nobodys(stage, method) -> None:
    """Bodies that are left unread must not be read as a request of another cluster."""
    launcher = AggregatorSession(stage.session_port)
    launcher.open("first")
    _, port = stage.collaborator("site-2")
    inner = b'{"epoch":"first","key":"stolen"}'
    head = f"POST /covey/v1/session HTTP/1.1\r\nhost: x\r\nx-covey-cluster: {SITE_1}\r\ncontent-length: {len(inner)}"
    hidden = head.encode() + b"\r\n\r\n" + inner
    for _ in range(3):
        assert through(port, "/covey/v1/session", body=hidden, method=method)[0] in {200, 400}
        assert CollaboratorSession(port).epoch() == "first"
    assert launcher.members().keys == {}


def test_who_is_not_on_the_roster_reaches_no_session(stage) -> None:
    AggregatorSession(stage.session_port).open("first")
    assert ask(stage, stage.pair("site-3"), "/covey/v1/session")[0] == 403
    stage.proxies[0].told(log="request", code=403, why="[not-on-roster]", path="/covey/v1/session")


@pytest.mark.parametrize("key", ["", "a b", "a,b", "a\nb", "é", "x" * 4097])
def test_a_key_that_fits_no_header_is_refused(shared, key) -> None:
    with pytest.raises(KeyRefusedError, match="printable ASCII"):
        CollaboratorSession(shared).register("first", key)


_NOT_AN_OBJECT = [b"", b"{", b"[]", b"[" * 5000]
_OTHER_FIELDS = [b'{"epoch":1,"key":"k"}', b'{"epoch":"first","key":"k","more":1}']
_TOO_LONG = [b"x" * 9000, b"x" * 900_000]


@pytest.mark.parametrize("body", [*_NOT_AN_OBJECT, *_OTHER_FIELDS, *_TOO_LONG])
def test_nonsense_is_a_bad_request(shared, body) -> None:
    status, answer = through(shared, "/covey/v1/session", body=body)
    assert (status, answer["why"]) == (400, "bad-request")


def test_a_proxy_that_was_killed_still_knows_epoch_and_keys(stage) -> None:
    _, port = stage.collaborator("site-1")
    launcher = AggregatorSession(stage.session_port)
    launcher.open("first")
    CollaboratorSession(port).register("first", "key-a")
    aggregator = stage.proxies[0]
    aggregator.stop(signal.SIGKILL)
    assert _echo(port, "key-a") == 503
    aggregator.start()
    until(lambda: _echo(port, "key-a") == 200)
    assert launcher.members().keys == {"site-1": "key-a"}


def test_a_key_that_can_not_be_written_down_is_not_registered(stage) -> None:
    """The folder that Envoy watches is gone; the collaborator hears "later", and the old key goes on."""
    _, port = stage.collaborator("site-1")
    AggregatorSession(stage.session_port).open("first")
    session = CollaboratorSession(port)
    session.register("first", "key-a")
    live = stage.folder / "aggregator/proxy/live"
    live.rename(live.with_name("gone"))
    with pytest.raises(SessionError, match="The change does not hold"):
        session.register("first", "key-b")
    assert AggregatorSession(stage.session_port).members().keys == {"site-1": "key-a"}
    assert (_echo(port, "key-a"), _echo(port, "key-b")) == (200, 503)


def test_a_removed_members_key_opens_nothing(stage) -> None:
    _, port = stage.collaborator("site-1")
    AggregatorSession(stage.session_port).open("first")
    CollaboratorSession(port).register("first", "key-a")
    stage.roster("site-2")
    until(lambda: _echo(port, "key-a") == 503)
    stage.proxies[0].told(log="request", code=403, why="[not-on-roster]", who=SITE_1)
    stage.roster("site-1", "site-2")
    until(lambda: _echo(port, "key-a") == 200)

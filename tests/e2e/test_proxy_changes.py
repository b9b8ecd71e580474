"""What changes while a run goes on: the roster, certificates, authorities, the aggregator's address."""

from __future__ import annotations

import statistics
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from covey_core import names
from covey_transport.files import replace
from covey_transport.identity.authority import make_authority
from covey_transport.identity.folder import write_authorities, write_identity
from covey_transport.identity.reading import read_holder
from proxies import SERVER_NAME, TRUST_DOMAIN, Stage, free_port, now
from proxy_clients import Client, Traffic, ask, through
from waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

SITE_1 = names.cluster_identity(TRUST_DOMAIN, "site-1")


@pytest.fixture
def stage(tmp_path) -> Iterator[Stage]:
    """Connections live one second, so that new certificates are seen soon."""
    with Stage(tmp_path, options=("--connection-age", "1")) as stage:
        stage.roster("site-1", "site-2")
        stage.aggregator()
        yield stage


@pytest.fixture
def lasting(tmp_path) -> Iterator[Stage]:
    with Stage(tmp_path) as stage:
        stage.roster("site-1", "site-2")
        stage.aggregator()
        yield stage


def test_a_collaborator_that_is_refused_joins_when_it_is_added_and_leaves_when_removed(lasting) -> None:
    """On one open connection, while a bystander is served all the time."""
    _, port = lasting.collaborator("site-2")
    with Client(lasting, lasting.pair("site-3")) as late, Traffic(port) as bystander:
        assert late.post("/fleet/echo")[0] == 403
        joined, left = [], []
        for _ in range(5):
            joined.append(_until(late, 200, lambda: lasting.roster("site-1", "site-2", "site-3")))
            left.append(_until(late, 403, lambda: lasting.roster("site-1", "site-2")))
        bystander.more(10)
    assert set(bystander.answers) == {200}
    assert statistics.median(joined) < 0.25
    assert statistics.median(left) < 0.25
    lasting.proxies[0].told(log="roster", removed=["site-3"])


def _until(client: Client, status: int, change) -> float:
    began = time.monotonic()
    change()
    until(lambda: client.post("/fleet/echo")[0] == status)
    return time.monotonic() - began


def test_a_broken_roster_is_told_and_the_one_before_stays(lasting) -> None:
    roster = lasting.folder / "aggregator/roster.json"
    for text, why in [("{", "no JSON"), ('{"contract":1,"members":{"site-1":{"identity":"x"}}}', "must be spiffe://")]:
        roster.write_text(text)
        lasting.proxies[0].told(log="roster", what="refused", why=why)
        assert ask(lasting, lasting.pair("site-1"), "/fleet/echo")[0] == 200


def test_routes_that_envoy_does_not_take_are_told_and_those_before_stay(lasting) -> None:
    replace(lasting.folder / "aggregator/proxy/live/routes.json", b'{"resources": [{}]}')
    lasting.proxies[0].told(log="proxy", what="refused", why="Envoy did not take a new file")
    assert ask(lasting, lasting.pair("site-1"), "/fleet/echo")[0] == 200


def test_certificates_and_authorities_change_under_traffic_without_a_failed_request(stage) -> None:
    """Leaves, then trust in a new authority, leaves of it, then no more trust in the old one."""
    collaborator, port = stage.collaborator("site-1")
    folders = {side: stage.folder / side / "tls" for side in ("aggregator", "site-1")}
    old, new = stage.authority, make_authority("test", now=now(), seconds=3600)
    with Traffic(port) as traffic:
        for authority, trusted in [(old, (old,)), (old, (old, new)), (new, (old, new)), (new, (new,))]:
            bundle = tuple(one.pem for one in trusted)
            pair = stage.pair("site-1", authority=authority)
            write_identity(folders["aggregator"], stage.server_pair(authority=authority), authorities=bundle)
            write_identity(folders["site-1"], pair, authorities=bundle)
            _wait_for_serial(stage, traffic, read_holder(pair.certificate).serial)
    assert set(traffic.answers) == {200}
    assert len(traffic.answers) > 100
    stage.authority = new  # of whom the client asks for now
    with pytest.raises(OSError):  # noqa: PT011 - alert or reset, by timing; the log says which
        ask(stage, stage.pair("site-1", authority=old), "/fleet/echo")
    stage.proxies[0].told(log="connection", why="CERTIFICATE_VERIFY_FAILED", who=SITE_1)
    assert not [line for line in collaborator.lines() if line.get("what") == "refused"]


def _wait_for_serial(stage: Stage, traffic: Traffic, serial: int) -> None:
    traffic.more(5)
    shown = f"{serial:x}"
    until(
        lambda: any(line.get("serial", "").lstrip("0") == shown for line in stage.proxies[0].lines()),
        seconds=20,
        what=f"a request with the certificate {shown}",
    )


def test_an_authority_that_is_dropped_is_refused_at_once_on_new_connections(lasting) -> None:
    folder = lasting.folder / "aggregator/tls"
    write_authorities(folder, (make_authority("other", now=now(), seconds=60).pem,))
    until(lambda: _refused(lasting), seconds=3)


def _refused(stage: Stage) -> bool:
    try:
        return ask(stage, stage.pair("site-1"), "/fleet/echo")[0] != 200
    except OSError:
        return True


def test_an_expired_certificate_ends_a_collaborator_and_a_renewed_one_brings_it_back(stage) -> None:
    _, port = stage.collaborator("site-1")
    folder = stage.folder / "site-1/tls"
    expired = stage.pair("site-1", now=now() - timedelta(hours=2), seconds=3600)
    write_identity(folder, expired, authorities=(stage.authority.pem,))
    until(lambda: through(port)[0] == 503, "the old connection ends after a second")
    stage.proxies[0].told(log="connection", why="certificate_has_expired", who=SITE_1)
    write_identity(folder, stage.pair("site-1"), authorities=(stage.authority.pem,))
    until(lambda: through(port)[0] == 200)


def test_the_aggregators_address_may_change(lasting) -> None:
    proxy, port = lasting.collaborator("site-1", address={"host": "127.0.0.1", "port": free_port()})
    assert through(port)[0] == 503
    lasting.net("site-1")
    until(lambda: through(port)[0] == 200)
    proxy.told(log="net", address=f"127.0.0.1:{lasting.port}")


def test_the_address_changes_under_traffic_without_a_failed_request(lasting) -> None:
    proxy, port = lasting.collaborator("site-1")
    with Traffic(port) as traffic:
        for host in ("localhost", "127.0.0.1", "localhost"):
            lasting.net("site-1", address={"host": host, "port": lasting.port})
            proxy.told(log="net", address=f"{host}:{lasting.port}")
            traffic.more(20)
    assert set(traffic.answers) == {200}


def test_broken_network_data_are_told_and_those_before_stay(lasting) -> None:
    proxy, port = lasting.collaborator("site-1")
    lasting.net("site-1", address={"host": "127.0.0.1", "port": 0})
    proxy.told(log="net", what="refused", why="net.json/address/port must be a port")
    lasting.net("site-1", identity=f"spiffe://{TRUST_DOMAIN}/run/vision/digits/7")
    proxy.told(log="net", what="refused", why="net.json/identity must be this run's")
    lasting.net("site-1", caFile="../../etc/ca.crt")
    proxy.told(log="net", what="refused", why="net.json/caFile must be a text like")
    assert through(port)[0] == 200


@pytest.mark.parametrize(
    "certificate",
    [
        pytest.param({"uri": f"spiffe://{TRUST_DOMAIN}/run/vision/digits/2"}, id="another run's identity"),
        pytest.param({"server_names": ("other.test",)}, id="another server name"),
        pytest.param({"server_names": ()}, id="no server name"),
        pytest.param({"authority": make_authority("test", now=now(), seconds=3600)}, id="another authority"),
    ],
)
def test_a_collaborator_checks_identity_and_server_name(stage, certificate) -> None:
    collaborator, port = stage.collaborator("site-1")
    assert through(port)[0] == 200
    pair = stage.server_pair(**certificate)
    write_identity(stage.folder / "aggregator/tls", pair, authorities=(stage.authority.pem,))
    until(lambda: through(port)[0] == 503, f"refused; {SERVER_NAME} and the run's identity are asked for")
    collaborator.told(code=503, tls="CERTIFICATE_VERIFY_FAILED")


def test_a_ghost_of_another_run_refuses_the_aggregator_and_both_sides_say_so(lasting) -> None:
    ghost = Stage(lasting.folder / "ghost", number=2, authority=lasting.authority, port=lasting.port)
    try:
        proxy, port = ghost.collaborator("site-1")
        assert through(port)[0] == 503
        proxy.told(code=503, tls="CERTIFICATE_VERIFY_FAILED")
        lasting.proxies[0].told(log="connection", why="CERTIFICATE_UNKNOWN")
    finally:
        ghost.close()

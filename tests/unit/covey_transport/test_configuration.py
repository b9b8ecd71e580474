"""Envoy's configuration as data: the same for the same input, with no runtime's name, and accepted by Envoy itself."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from covey_core.manifests import canonical_json
from covey_transport.files import make_folder
from covey_transport.layout import Layout
from covey_transport.proxy import parts
from covey_transport.proxy.admission import admission_routes, match_of
from covey_transport.proxy.aggregator import AggregatorProxy, aggregator_bootstrap
from covey_transport.proxy.collaborator import (
    CollaboratorProxy,
    Peer,
    collaborator_bootstrap,
    collaborator_clusters,
    collaborator_routes,
)
from covey_transport.proxy.rules import Again, Route, Rules
from covey_transport.roster import Member, Roster, roster_of
from covey_transport.supervisor.envoy import find_envoy

RULES = Rules(
    (Route("/a/poll", ("POST",), Again("content-length", "0", 0.1, 200), quiet=True), Route("/a/", ("POST",))),
    "http2",
    300,
    "x-key",
)
ROSTER = roster_of(["site-1", "site-2"], trust_domain="covey.test")
ROOT = Path(__file__).parents[3]


def _aggregator(layout: Layout) -> AggregatorProxy:
    return AggregatorProxy(layout, "127.0.0.1", 8443, 18080, "covey.test", RULES, parts.Limits())


def _peer(layout: Layout) -> Peer:
    return Peer("hub.test", 443, "digits.hub.test", "spiffe://covey.test/run/a/b/1", layout.tls / "ca.crt")


@pytest.fixture
def layout(tmp_path) -> Layout:
    return Layout(tmp_path)


def _validate(config: parts.Plain, layout: Layout) -> None:
    make_folder(layout.live)
    for folder in (layout.tls,):
        make_folder(folder)
    for path in (layout.own_certificate, layout.peers, layout.routes, layout.clusters):
        path.write_text('{"resources":[]}')
    layout.bootstrap.write_bytes(canonical_json(config))
    line = [str(find_envoy()), "--mode", "validate", "-c", str(layout.bootstrap), "-l", "error"]
    ended = subprocess.run(line, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def _inline(config: parts.Plain, routes: parts.Plain) -> parts.Plain:
    """Envoy's validation does not look into files, so the routes are put where it does."""
    (listener,) = config["static_resources"]["listeners"]
    manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
    (route_config,) = routes["resources"]
    del manager["rds"]
    manager["route_config"] = {name: value for name, value in route_config.items() if name != "@type"}
    return config


KEYS = Roster((Member("site-1", "spiffe://covey.test/cluster/site-1", ("k1", "k2")), *ROSTER.members[1:]))


@pytest.mark.parametrize("roster", [Roster(), ROSTER, KEYS], ids=["empty", "without keys", "with keys"])
def test_envoy_accepts_the_aggregators_side(layout, roster) -> None:
    _validate(_inline(aggregator_bootstrap(_aggregator(layout)), admission_routes(roster, RULES)), layout)


def test_envoy_accepts_the_collaborators_side(layout) -> None:
    config = collaborator_bootstrap(CollaboratorProxy(layout, 8443, RULES, parts.Limits()))
    (cluster,) = collaborator_clusters(_peer(layout), layout)["resources"]
    config["static_resources"]["clusters"] = [{name: value for name, value in cluster.items() if name != "@type"}]
    del config["dynamic_resources"]
    _validate(_inline(config, collaborator_routes(_peer(layout), RULES)), layout)


def test_the_same_input_gives_the_same_bytes(layout) -> None:
    once, again = (canonical_json(aggregator_bootstrap(_aggregator(layout))) for _ in range(2))
    assert once == again


def test_nobody_is_admitted_where_the_roster_is_empty() -> None:
    assert '"ALLOW"' not in json.dumps(admission_routes(Roster(), RULES))


def test_a_member_without_a_key_is_admitted_to_the_session_alone() -> None:
    (host,) = admission_routes(ROSTER, RULES)["resources"][0]["virtual_hosts"]
    admitting = [route["match"] for route in host["routes"] if '"ALLOW"' in json.dumps(route)]
    assert [match["path"] for match in admitting] == [parts.SESSION_PATH]


def test_below_a_prefix_nothing_but_plain_parts_is_open() -> None:
    assert match_of(Route("/a.b/", ("POST",)))["safe_regex"] == {
        "regex": r"/a\.b/[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*",
    }


def test_both_ends_speak_tls_1_3_alone_and_the_server_asks_for_a_certificate(layout) -> None:
    (listener,) = aggregator_bootstrap(_aggregator(layout))["static_resources"]["listeners"]
    server = listener["filter_chains"][0]["transport_socket"]["typed_config"]
    (cluster,) = collaborator_clusters(_peer(layout), layout)["resources"]
    client = cluster["transport_socket"]["typed_config"]
    assert server["require_client_certificate"] is True
    for side in (server, client):
        versions = side["common_tls_context"]["tls_params"].values()
        assert set(versions) == {"TLSv1_3"}


def test_the_admin_interface_is_a_private_unix_socket(layout) -> None:
    address = aggregator_bootstrap(_aggregator(layout))["admin"]["address"]
    assert address == {"pipe": {"path": "admin.sock", "mode": 0o600}}


def test_no_runtimes_name_stands_in_this_room() -> None:
    texts = [path.read_text().lower() for path in (ROOT / "transport").rglob("*.py")]
    assert len(texts) > 20
    assert not [text for text in texts if any(name in text for name in ("flower", "flwr", "openfl"))]


@pytest.mark.parametrize(("value", "text"), [(3, "3s"), (0.1, "0.1s"), (600.0, "600s"), (0.02, "0.02s"), (10, "10s")])
def test_seconds_are_written_as_envoy_reads_them(value, text) -> None:
    assert parts.seconds(value) == text

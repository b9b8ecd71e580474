"""Who is refused at the aggregator's door, and what the log says of it: who and why."""

from __future__ import annotations

import http.client
import ssl
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from covey_core import names
from covey_transport.identity.authority import Usage, make_authority
from covey_transport.identity.reading import read_holder
from proxies import BOUND, KEY_HEADER, TRUST_DOMAIN, Stage, ago
from proxy_clients import ask, through
from waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

SITE_1 = names.cluster_identity(TRUST_DOMAIN, "site-1")
RIGHT_KEY = [(KEY_HEADER, "key-1")]


@pytest.fixture(scope="module")
def stage(tmp_path_factory) -> Iterator[Stage]:
    with Stage(tmp_path_factory.mktemp("run"), rules=BOUND) as stage:
        stage.roster(site_1=("key-1",), site_2=("key-2",), site_3=())
        stage.aggregator()
        yield stage


@pytest.fixture(scope="module")
def member(stage):
    return stage.collaborator("site-2")


def _log(stage: Stage):
    return stage.proxies[0]


def test_a_member_with_its_key_is_let_in(stage) -> None:
    status, seen = ask(stage, stage.pair("site-1"), "/fleet/echo", RIGHT_KEY)
    assert (status, seen["path"]) == (200, "/fleet/echo")
    _log(stage).told(log="request", code=200, who=SITE_1)


def _handshakes() -> list[Any]:
    other = make_authority("test", now=ago(days=1), seconds=1e6)
    site_4 = f"spiffe://{TRUST_DOMAIN}/cluster/site-4"
    return [
        pytest.param({"none": True}, "PEER_DID_NOT_RETURN_A_CERTIFICATE", id="no certificate"),
        pytest.param({"authority": other}, "CERTIFICATE_VERIFY_FAILED", id="another authority of the same name"),
        pytest.param({"now": ago(hours=2), "seconds": 3600}, "certificate_has_expired", id="expired"),
        pytest.param({"now": ago(hours=-2)}, "certificate_is_not_yet_valid", id="not yet valid"),
        pytest.param({"usage": Usage.SERVER}, "unsupported_certificate_purpose", id="a server's certificate"),
        pytest.param({"uri": "spiffe://other.test/cluster/site-1"}, "SAN", id="another trust domain"),
        pytest.param({"uri": f"spiffe://{TRUST_DOMAIN}/run/vision/digits/1"}, "SAN", id="a run's identity"),
        pytest.param({"uri": site_4, "newest": ssl.TLSVersion.TLSv1_2}, "UNSUPPORTED_PROTOCOL", id="TLS 1.2"),
    ]


@pytest.mark.parametrize(("how", "why"), _handshakes())
def test_a_handshake_is_refused_with_its_reason(stage, how, why) -> None:
    how = dict(how)
    newest = how.pop("newest", ssl.TLSVersion.TLSv1_3)
    pair = None if how.pop("none", False) else stage.pair("site-1", **how)
    before = len(_refused_handshakes(stage, why))
    with pytest.raises((ssl.SSLError, OSError, http.client.HTTPException)):
        ask(stage, pair, "/fleet/echo", RIGHT_KEY, newest=newest)
    found = until(lambda: _refused_handshakes(stage, why)[before:], why, told=lambda: _log(stage).text()[-900:])
    assert found[0]["from"].startswith("127.0.0.1:")
    assert pair is None or newest == ssl.TLSVersion.TLSv1_2 or found[0]["who"] == read_holder(pair.certificate).uri


def _refused_handshakes(stage: Stage, why: str) -> list[Any]:
    return [line for line in _log(stage).lines() if why in line.get("why", "") and line["log"] == "connection"]


def test_plain_http_is_refused(stage) -> None:
    with pytest.raises((OSError, http.client.HTTPException)):
        through(stage.port)
    _log(stage).told(log="connection", why="HTTP_REQUEST")


@pytest.mark.parametrize(
    ("cluster", "key", "why"),
    [
        pytest.param("site-4", "key-1", "not-on-roster", id="not on the roster, with a member's key"),
        pytest.param("site-1x", "key-1", "not-on-roster", id="a name that begins like a member's"),
        pytest.param("site-1", "key-2", "key-of-another", id="another's key"),
        pytest.param("site-1", None, "key-of-another", id="no key"),
        pytest.param("site-3", "key-1", "no-key-registered", id="a member without a key, with another's"),
    ],
)
def test_a_certificate_that_may_not_is_refused_by_name(stage, cluster, key, why) -> None:
    before = len(_log(stage).lines())
    assert ask(stage, stage.pair(cluster), "/fleet/echo", [(KEY_HEADER, key)] if key else [])[0] == 403
    who = names.cluster_identity(TRUST_DOMAIN, cluster)
    _log(stage).told(after=before, log="request", code=403, why=f"[{why}]", who=who)


def test_a_certificate_with_two_identities_is_nobody(stage) -> None:
    """Issued by our own authority, which a signer of ours never would."""
    two = _two_identities(stage)
    assert ask(stage, two, "/fleet/echo", RIGHT_KEY)[0] == 403
    _log(stage).told(log="request", code=403, why="[not-on-roster]", who=f"{SITE_1},")


def _two_identities(stage: Stage):
    from cryptography import x509  # noqa: PLC0415 - nobody else makes a certificate by hand

    names_before = x509.SubjectAlternativeName
    second = x509.UniformResourceIdentifier(names.cluster_identity(TRUST_DOMAIN, "site-9"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(x509, "SubjectAlternativeName", lambda given: names_before([*given, second]))
        return stage.pair("site-1")


@pytest.mark.parametrize("values", [["key-1", "key-2"], ["key-2", "key-1"], ["key-1", "key-1"], ["key-1,key-2"]])
def test_a_doubled_key_is_refused(stage, values) -> None:
    before = len(_log(stage).lines())
    assert ask(stage, stage.pair("site-1"), "/fleet/echo", [(KEY_HEADER, value) for value in values])[0] == 403
    _log(stage).told(after=before, log="request", code=403, why="[key-of-another]", who=SITE_1)


def test_forged_identity_headers_are_replaced(stage) -> None:
    forged = [
        ("x-covey-cluster", "spiffe://covey.test/cluster/site-2"),
        ("X-Covey-Cluster", "spiffe://covey.test/cluster/site-2"),
        ("X-Forwarded-Client-Cert", "URI=spiffe://covey.test/cluster/site-2"),
        ("x-forwarded-client-cert", "URI=spiffe://covey.test/cluster/site-2"),
        ("x-envoy-upstream-rq-timeout-ms", "1"),
    ]
    status, seen = ask(stage, stage.pair("site-1"), "/fleet/echo", [*RIGHT_KEY, *forged])
    assert status == 200
    assert [value for name, value in seen["headers"] if name == "x-covey-cluster"] == [SITE_1]
    (certificate,) = [value for name, value in seen["headers"] if name == "x-forwarded-client-cert"]
    assert certificate.endswith(f"URI={SITE_1}")
    assert not [value for _, value in seen["headers"] if "site-2" in value]
    assert "x-envoy-upstream-rq-timeout-ms" not in dict(seen["headers"])


def test_a_header_with_an_underscore_is_refused(stage) -> None:
    assert ask(stage, stage.pair("site-1"), "/fleet/echo", [*RIGHT_KEY, ("x_covey_cluster", "site-2")])[0] == 400


CLOSED = [
    *("/", "/control/x", "/Fleet/echo", "/FLEET/echo", "/fleet", "/fleet/", "/fleet/../control/x", "/fleet/./../x"),
    *("/fleet/%2e%2e/control/x", "/fleet/..;/control/x", "/fleet/a;b", "/fleet\\..\\control", "/fleet/a.b"),
    *(
        "/fleet/echo%00",
        "//control/x",
        "/covey/v1/epoch",
        "/covey/v1/session/x",
        "/covey/v1/Session",
        "/docs",
        "/health",
    ),
]


@pytest.mark.parametrize("path", CLOSED)
def test_a_path_that_is_not_open_is_refused_in_every_spelling(stage, path) -> None:
    before = len(_log(stage).lines())
    status, _ = ask(stage, stage.pair("site-1"), path, RIGHT_KEY)
    assert status in {400, 403}
    if status == 403:
        _log(stage).told(after=before, log="request", code=403, why="[path-not-open]", who=SITE_1)


@pytest.mark.parametrize("path", ["/fleet%2fecho", "/fleet/%2F../x", "/fleet/%5cx"])
def test_an_escaped_slash_is_no_request(stage, path) -> None:
    assert ask(stage, stage.pair("site-1"), path, RIGHT_KEY)[0] == 400


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "CONNECT"])
def test_a_method_that_is_not_open_is_refused(stage, method) -> None:
    try:
        status, _ = ask(stage, stage.pair("site-1"), "/fleet/echo", RIGHT_KEY, method=method)
    except http.client.HTTPException:  # Envoy closes the connection on a CONNECT that no route takes
        assert method == "CONNECT"
    else:
        assert status in {400, 403, 404}


def test_the_launchers_half_of_the_session_is_not_reachable(stage) -> None:
    assert ask(stage, stage.pair("site-1"), "/covey/v1/session", method="PUT")[0] == 403


def test_slow_headers_and_silent_connections_do_not_disturb_others(stage) -> None:
    """Fifty clients that begin and say no more; a member is served meanwhile."""
    import socket  # noqa: PLC0415 - only here

    silent = [socket.create_connection(("127.0.0.1", stage.port)) for _ in range(50)]
    try:
        assert ask(stage, stage.pair("site-1"), "/fleet/echo", RIGHT_KEY)[0] == 200
    finally:
        for connection in silent:
            connection.close()


def test_no_key_and_no_secret_stands_in_the_log(stage) -> None:
    assert ask(stage, stage.pair("site-1"), "/fleet/echo", RIGHT_KEY)[0] == 200
    _log(stage).told(log="request", code=200, who=SITE_1)
    text = _log(stage).text()
    assert "PRIVATE KEY" not in text
    assert "key-1" not in text


def test_a_collaborator_is_told_later_instead_of_never(stage, member) -> None:
    """The proxy's refusal becomes 503 (gRPC: 14); the runtime's own 403 stays what it is."""
    proxy, port = member
    headers = {KEY_HEADER: "key-1"}
    assert through(port, **headers) == (503, "RBAC: access denied")
    proxy.told(code=503, refused="[key-of-another]")
    assert through(port, "/fleet/denied", **{KEY_HEADER: "key-2"})[0] == 403
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("POST", "/fleet/echo", b"{}", headers | {"content-type": "application/grpc", "te": "trailers"})
    with closing(connection), closing(connection.getresponse()) as answer:
        assert answer.getheader("grpc-status") == "14"
    _log(stage).told(grpc="PermissionDenied", why="[key-of-another]")


def test_a_collaborators_proxy_leads_only_to_open_paths(member) -> None:
    _, port = member
    assert through(port, "/control/x")[0] == 404
    assert through(port, "/fleet/..;/x")[0] == 404

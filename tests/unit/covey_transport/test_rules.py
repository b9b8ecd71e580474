"""A runtime's rules: read as they are written, refused with their place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from covey_transport.errors import BadStartError
from covey_transport.proxy.rules import Again, Route, Rules, parse_rules, rules_data

AGAIN = {"header": "content-length", "value": "0", "pauseSeconds": 0.1, "times": 200}
GOOD = {
    "routes": [
        {"path": "/a/poll", "methods": ["POST"], "again": AGAIN, "quiet": True},
        {"path": "/a/", "methods": ["GET"]},
    ],
    "upstream": "http1",
    "upstreamIdleSeconds": 3,
    "keyHeader": "x-key",
}


def test_rules_are_read() -> None:
    routes = (Route("/a/poll", ("POST",), Again("content-length", "0", 0.1, 200), quiet=True), Route("/a/", ("GET",)))
    assert parse_rules(GOOD, "proxy") == Rules(routes, "http1", 3, "x-key")


names = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)
agains = st.builds(Again, header=names, value=names, pause=st.floats(0.01, 10), times=st.integers(1, 10000))
routes = st.builds(
    Route,
    path=st.lists(names, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts)),
    methods=st.sampled_from([("POST",), ("GET", "POST")]),
    again=st.none() | agains,
    quiet=st.booleans(),
)
rules = st.builds(
    Rules,
    routes=st.lists(routes, min_size=1, max_size=4).map(tuple),
    upstream=st.sampled_from(["http1", "http2"]),
    upstream_idle=st.floats(0.1, 3600),
    key_header=st.none() | names,
)


@given(rules)
def test_what_is_written_is_read_again(given_rules) -> None:
    assert parse_rules(rules_data(given_rules), "proxy") == given_rules


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"routes": []}, "proxy/routes must name at least one open path"),
        ({"routes": [{"path": "/", "methods": ["POST"]}]}, "proxy/routes/0/path must be a text like"),
        ({"routes": [{"path": "/a/../b", "methods": []}]}, "proxy/routes/0/methods must name at least one"),
        ({"routes": [{"path": "/a;b", "methods": ["POST"]}]}, "proxy/routes/0/path"),
        ({"routes": [{"path": "/a", "methods": ["POST|.*"]}]}, "proxy/routes/0/methods must be a list of texts"),
        ({"routes": [{"path": "/a", "methods": ["POST"], "agian": {}}]}, "a field that nobody reads: 'agian'"),
        (
            {"routes": [{"path": "/a", "methods": ["POST"], "again": AGAIN | {"times": 0}}]},
            "again/times must be a number",
        ),
        ({"routes": [{"path": "/a", "methods": ["POST"], "quiet": 1}]}, "quiet must be true or false"),
        ({"upstream": "h3"}, "proxy/upstream must be one of http1, http2"),
        ({"upstreamIdleSeconds": True}, "proxy/upstreamIdleSeconds must be a number"),
        ({"keyHeader": "X_Key"}, "proxy/keyHeader must be a text like"),
        ({"routes": {}}, "proxy/routes must be a list"),
    ],
)
def test_a_mistake_is_one_sentence_with_its_place(change, why) -> None:
    with pytest.raises(BadStartError) as caught:
        parse_rules(GOOD | change, "proxy")
    assert why in str(caught.value)


@pytest.mark.parametrize("path", ["/covey/v1/session", "/covey/", "/covey/v1/"])
def test_no_runtime_may_open_coveys_own_paths(path) -> None:
    with pytest.raises(BadStartError, match="belongs to Covey"):
        parse_rules(GOOD | {"routes": [{"path": path, "methods": ["POST"]}]}, "proxy")


@pytest.mark.parametrize("header", ["x-covey-cluster", "host", "x-forwarded-client-cert"])
def test_no_runtime_may_bind_a_header_that_the_proxy_writes(header) -> None:
    with pytest.raises(BadStartError, match="which the proxy itself writes"):
        parse_rules(GOOD | {"keyHeader": header}, "proxy")

"""Only one header says who sends, and only when it is there once."""

from __future__ import annotations

import pytest

from inside_openfl import inside

identity = inside("identity")
URI = "spiffe://covey.test/cluster/site-1"


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ([(identity.HEADER, URI), ("user-agent", "grpc")], "site-1"),
        ([("user-agent", "grpc")], ""),
        ([(identity.HEADER, URI), (identity.HEADER, URI)], ""),
        ([(identity.HEADER, f"{URI},spiffe://covey.test/cluster/site-2")], ""),
        ([(identity.HEADER, "site-1")], ""),
        ([(identity.HEADER, "spiffe://covey.test/run/vision/digits/1")], ""),
        ([(identity.HEADER, URI.encode())], ""),
        ([(identity.HEADER, "")], ""),
        ([("x-covey-cluster-bin", URI)], ""),
    ],
    ids=["one", "none", "twice", "joined", "a bare name", "a run", "bytes", "empty", "another header"],
)
def test_the_sender_is_who_the_proxy_says(headers, name):
    assert identity.sender(headers) == name

"""The cases of our CRDs, whose rules unit tests evaluate offline, get the same verdicts from a real API server."""

from __future__ import annotations

from contextlib import closing

import pytest

from acceptance import Hub
from crd_cases import NAMES, cases, sample

STRICT = "fieldValidation=Strict"


@pytest.fixture(scope="module")
def hub(module_kinds_plane):
    with closing(Hub(module_kinds_plane.hub)) as found:
        found.need_namespaces(map(sample, NAMES))
        yield found


def path_of(name, value):
    metadata = value["metadata"]
    inside = f"/namespaces/{metadata['namespace']}" if "namespace" in metadata else ""
    return f"/apis/{value['apiVersion']}{inside}/{name}"


def refusal(hub, name, case):
    """Written for real, the spec and then the status, as programs do; empty where all of it was taken."""
    where = {key: value for key, value in sample(name)["metadata"].items() if key == "namespace"}
    new = {**case.new, "metadata": {**where, **case.new["metadata"]}}
    if case.old is not None:  # an update keeps the name
        new = {**new, "metadata": {**new["metadata"], "name": case.old["metadata"]["name"]}}
    path = path_of(name, new)
    own = f"{path}/{new['metadata']['name']}"
    try:
        if case.old is not None:
            assert put(hub.rest, path, own, case.old) == ""
        return put(hub.rest, path, own, new)
    finally:
        hub.rest.ask("DELETE", own)


def put(rest, path, own, value):
    """Creates or replaces an object, and then its status."""
    code, there = rest.ask("GET", own)
    body = value if code == 404 else with_version(value, there)
    code, said = (
        rest.ask("POST", f"{path}?{STRICT}", value) if code == 404 else rest.ask("PUT", f"{own}?{STRICT}", body)
    )
    if code not in {200, 201}:
        return said["message"]
    code, said = rest.ask("PUT", f"{own}/status?{STRICT}", with_version(value, said))
    return "" if code == 200 else said["message"]


def with_version(value, there):
    return {**value, "metadata": {**value["metadata"], "resourceVersion": there["metadata"]["resourceVersion"]}}


@pytest.mark.parametrize("name", NAMES)
def test_the_api_server_says_what_the_cases_say(hub, name):
    refused = {case.what: refusal(hub, name, case) for case in cases(name, "refused")}
    accepted = {case.what: refusal(hub, name, case) for case in cases(name, "accepted")}

    assert len(refused) > 2
    assert {what: told for what, told in accepted.items() if told} == {}
    messages = {case.what: case.message for case in cases(name, "refused")}
    assert {what: told for what, told in refused.items() if messages[what] not in told} == {}

"""How the agent runs one container, with everything around it in the hands of the test."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import httpx2
import pytest

from controlplane.node.api import Api, ApiError
from controlplane.node.images import Image
from controlplane.node.runner import Runner
from controlplane.node.states import Container

NEEDS = {"env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "a"}}}]}
GRPC = {"readinessProbe": {"grpc": {"port": 8080}}}
HOOK = {"lifecycle": {"postStart": {"exec": {"command": ["true"]}}}}


class FakeSandbox:
    def __init__(self, code=0):
        self.started, self.code = [], code

    async def run(self, spec):
        self.started.append(spec)
        return len(self.started)

    async def end(self, _):
        return self.code


class FakeHost:
    """`refusals`: what the API says before it answers."""

    address, api_port, all_users, sync = "10.244.1.1", 6443, False, 0.01

    def __init__(self, refusals=(), pause=0.0):
        self.refusals, self.seconds, self.images = list(refusals), pause, {"shell": Image()}
        self.api = SimpleNamespace(get=self._get)
        self.events = []

    async def _get(self, _):
        if self.refusals:
            raise self.refusals.pop(0)
        return {"metadata": {"namespace": "default"}, "data": {"a": "1"}}

    def pause(self, _):
        return self.seconds

    async def event(self, _, reason, message, *, part=""):
        self.events.append((reason, message, part))


def runner(host, sandbox, folder, *, policy="Never", init=False, **spec):
    made = {"name": "main", "image": "shell", "command": ["true"], **spec}
    state = Container("main", made["image"], init=init)
    pod = {"metadata": {"name": "one", "namespace": "default"}, "spec": {"containers": [made]}}
    return Runner(
        host,
        made,
        state,
        policy=policy,
        pod=lambda: pod,
        sandbox=sandbox,
        volumes=SimpleNamespace(paths={}),
        folder=folder,
        logs=folder / "logs",
        address="10.244.1.2",
        changed=lambda: None,
    )


async def until(holds):
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - of another's state, without a signal
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("status", [0, 403, 429, 503])
def test_a_container_waits_for_an_api_that_does_not_answer_yet(tmp_path, status):
    sandbox = FakeSandbox()
    one = runner(FakeHost([ApiError(status, "later"), ApiError(status, "later")]), sandbox, tmp_path, **NEEDS)
    asyncio.run(one.keep())
    assert one.state.ended["exitCode"] == 0
    assert [spec["env"]["A"] for spec in sandbox.started] == ["1"]


def test_a_container_that_waits_for_its_next_start_ends_at_once(tmp_path):
    sandbox = FakeSandbox(code=1)
    one = runner(FakeHost(pause=300.0), sandbox, tmp_path, policy="Always")

    async def stopped():
        keeping = asyncio.create_task(one.keep())
        await until(lambda: one.state.waiting["reason"] == "CrashLoopBackOff")
        await one.stop(0)
        async with asyncio.timeout(5):
            await keeping

    asyncio.run(stopped())
    assert len(sandbox.started) == 1
    assert one.state.restarts == 0


def test_a_pod_that_goes_while_its_image_is_missing_is_told_nothing_more(tmp_path):
    host, sandbox = FakeHost(), FakeSandbox()
    one = runner(host, sandbox, tmp_path, image="nothing")

    async def stopped():
        keeping = asyncio.create_task(one.keep())
        await until(lambda: len(host.events) > 1)
        await one.stop(0)
        async with asyncio.timeout(5):
            await keeping

    asyncio.run(stopped())
    assert not sandbox.started
    assert {message for _, message, _ in host.events} == {
        'Failed to pull image: failed to pull image "nothing": not found'
    }


@pytest.mark.parametrize(("spec", "why"), [(GRPC, "no gRPC probes, and readinessProbe is one"), (HOOK, "no postStart")])
def test_what_the_node_cannot_do_is_refused_in_words(tmp_path, spec, why):
    host, sandbox = FakeHost(), FakeSandbox()
    one = runner(host, sandbox, tmp_path, **spec)

    async def stopped():
        keeping = asyncio.create_task(one.keep())
        await until(lambda: host.events and why in host.events[-1][1])
        await one.stop(0)
        await keeping

    asyncio.run(stopped())
    assert not sandbox.started
    assert why in one.state.waiting["message"]


@pytest.mark.parametrize(("init", "part"), [(True, "spec.initContainers{main}"), (False, "spec.containers{main}")])
def test_events_name_the_kind_of_their_container(tmp_path, init, part):
    host = FakeHost()
    asyncio.run(runner(host, FakeSandbox(), tmp_path, init=init).keep())
    assert {named for _, _, named in host.events} == {part}


def test_an_answer_that_is_no_json_is_an_error_with_its_text(monkeypatch):
    api = Api.__new__(Api)
    plain = httpx2.Response(429, text="Too many requests, please try again later.\n")
    client = httpx2.AsyncClient(transport=httpx2.MockTransport(lambda _: plain), base_url="http://api")
    monkeypatch.setattr(api, "_http", client, raising=False)
    with pytest.raises(ApiError, match=r"^Too many requests, please try again later\.$") as caught:
        asyncio.run(api.get("/version"))
    assert caught.value.status == 429

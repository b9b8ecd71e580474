"""What the agent says of a Pod when something in the agent itself goes wrong."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from controlplane.node.worker import Worker


class FakeApi:
    def __init__(self):
        self.told = []

    async def patch(self, _, body):
        self.told.append(body["status"])


async def for_ever(_):
    await asyncio.sleep(600)


async def broken(_):
    raise PermissionError("the volume can't be read")


@pytest.mark.parametrize("part", ["_live", "_deadline", "_keep_volumes"])
def test_a_pod_that_its_node_can_not_look_after_has_failed_and_says_why(tmp_path, monkeypatch, part):
    for name in ("_live", "_deadline", "_keep_volumes"):
        monkeypatch.setattr(Worker, name, broken if name == part else for_ever)
    metadata = {"name": "one", "namespace": "default", "uid": "1"}
    made = {"metadata": metadata, "spec": {"containers": [{"name": "main", "image": "shell"}]}}
    api = FakeApi()

    async def trial():
        worker = Worker(SimpleNamespace(folder=tmp_path, address="10.244.1.1", api=api), made)
        running = asyncio.create_task(worker.run())
        async with asyncio.timeout(5):
            while not api.told or api.told[-1]["phase"] != "Failed":  # noqa: ASYNC110 - as an API is looked at
                await asyncio.sleep(0.01)
        running.cancel()

    asyncio.run(trial())
    assert (api.told[-1]["reason"], api.told[-1]["message"]) == ("NodeFailure", "the volume can't be read")

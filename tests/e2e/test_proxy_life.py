"""How a proxy begins and ends: what it waits for, its files, big bodies, drains, codes, nothing left behind."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import stat
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from covey_core.manifests import canonical_json
from covey_transport.identity.folder import write_identity
from echo_runtime import POLL
from proxies import Proxy, Stage, alive
from proxy_clients import through
from waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def stage(tmp_path) -> Iterator[Stage]:
    with Stage(tmp_path) as stage:
        stage.roster("site-1")
        yield stage


def test_a_request_in_flight_is_finished_before_either_proxy_ends(stage) -> None:
    aggregator = stage.aggregator()
    collaborator, port = stage.collaborator("site-1")
    answers: list[int] = []
    slow = threading.Thread(target=lambda: answers.append(through(port, "/fleet/slow/1000")[0]))
    slow.start()
    assert stage.runtime.slow_began.wait(5)
    pids = [aggregator.envoy_pid(), collaborator.envoy_pid()]
    for proxy in (aggregator, collaborator):
        proxy.process.send_signal(signal.SIGTERM)
    slow.join(10)
    assert answers == [200]
    assert [proxy.process.wait(10) for proxy in (aggregator, collaborator)] == [0, 0]
    assert not any(alive(pid) for pid in pids)


def test_drain_waits_for_requests_and_ready_says_what_is(stage) -> None:
    aggregator = stage.aggregator()
    _, port = stage.collaborator("site-1")
    assert aggregator.command("ready").returncode == 0
    slow = threading.Thread(target=through, args=(port, "/fleet/slow/1200"))
    slow.start()
    assert stage.runtime.slow_began.wait(5)
    began = time.monotonic()
    assert aggregator.command("drain").returncode == 0
    assert time.monotonic() - began > 0.7
    slow.join(5)
    aggregator.told(what="draining")
    assert aggregator.stop() == 0
    ended = aggregator.command("ready")
    assert (ended.returncode, ended.stderr) == (1, "The proxy is not ready: Envoy is not up, or has no certificate.\n")


def test_a_second_signal_ends_at_once(stage) -> None:
    aggregator = stage.aggregator()
    _, port = stage.collaborator("site-1")
    slow = threading.Thread(target=through, args=(port, "/fleet/slow/8000"), daemon=True)
    slow.start()
    assert stage.runtime.slow_began.wait(5)
    aggregator.process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    began = time.monotonic()
    assert aggregator.stop() == 0
    assert time.monotonic() - began < 3
    aggregator.told(what="cut", why="did not finish")


def test_envoy_never_outlives_its_supervisor(stage) -> None:
    aggregator = stage.aggregator()
    pid = aggregator.envoy_pid()
    aggregator.stop(signal.SIGKILL)
    until(lambda: not alive(pid), seconds=3)


def test_an_envoy_that_dies_is_told_and_ends_the_proxy_with_try_again(stage) -> None:
    aggregator = stage.aggregator()
    os.kill(aggregator.envoy_pid(), signal.SIGKILL)
    assert aggregator.process.wait(5) == 10
    aggregator.told(what="failed", why="Envoy ended by itself", code=10)


def test_a_port_in_use_is_try_again(stage) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", stage.port))
        taken.listen()
        aggregator = stage.aggregator(wait=False)
        assert aggregator.process.wait(10) == 10
    assert "Address already in use" in aggregator.text()


def test_the_sessions_port_in_use_is_try_again_and_leaves_no_envoy(stage) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", stage.session_port))
        taken.listen()
        aggregator = stage.aggregator(wait=False)
        assert aggregator.process.wait(10) == 10
    aggregator.told(what="failed", why=f"The session's port {stage.session_port}: Address already in use.")


def test_two_proxies_in_one_folder_are_one_too_many(stage) -> None:
    first = stage.aggregator()
    second = Proxy(first.root, first.arguments).start(wait=False)
    assert second.process.wait(5) == 10
    first.told(what="failed", why="Another proxy runs in this folder.")
    assert first.process.poll() is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"contract": 2}, "start.json/contract must be a number from 1 to 1, but is 2."),
        ({"side": "collaborator"}, "start.json is for the collaborator, but this is the aggregator's proxy."),
        ({"ports": {"proxy": 70000}}, "start.json/ports/proxy must be a port from 1 to 65535, but is 70000."),
        ({"proxy": {"routes": []}}, "start.json/proxy/routes must name at least one open path, but is []."),
        ({"run": {"namespace": "vision", "job": "di gits", "number": 1}}, "start.json/run/job must be a text like"),
    ],
)
def test_start_data_that_no_second_try_can_mend_end_with_30(stage, change, why) -> None:
    root = stage.folder / "aggregator"
    (root / "start.json").write_bytes(canonical_json(stage.start_data("aggregator", stage.port) | change))
    proxy = Proxy(root, ["--side", "aggregator", "--trust-domain", "covey.test"]).start(wait=False)
    assert proxy.process.wait(5) == 30
    proxy.told(what="failed", why=why, code=30)


def test_no_start_data_ends_with_30(stage) -> None:
    proxy = Proxy(stage.folder / "aggregator", ["--side", "aggregator", "--trust-domain", "covey.test"])
    assert proxy.start(wait=False).process.wait(5) == 30
    proxy.told(what="failed", why="start.json can't be read: No such file or directory.")


def test_somebody_elses_certificate_ends_with_30(stage) -> None:
    aggregator = stage.aggregator(pair=stage.pair("site-1"), wait=False)
    assert aggregator.process.wait(10) == 30
    aggregator.told(what="failed", why="is for spiffe://covey.test/cluster/site-1, not for this run")


def test_network_data_of_another_run_end_with_30(stage) -> None:
    proxy, _ = stage.collaborator("site-1", identity="spiffe://covey.test/run/vision/digits/2", wait=False)
    assert proxy.process.wait(5) == 30
    proxy.told(what="failed", why="net.json/identity must be this run's, spiffe://covey.test/run/vision/digits/1")


def test_a_proxy_waits_aloud_for_its_certificate(stage) -> None:
    root = stage.folder / "aggregator"
    (root / "start.json").write_bytes(canonical_json(stage.start_data("aggregator", stage.port)))
    proxy = Proxy(root, ["--side", "aggregator", "--trust-domain", "covey.test", "--listen", "127.0.0.1"])
    stage.proxies.append(proxy.start(wait=False))
    proxy.told(what="waiting", why="tls/tls.crt is not there yet.")
    assert proxy.command("ready").returncode == 1
    write_identity(root / "tls", stage.server_pair(), authorities=(stage.authority.pem,))
    proxy.wait_ready()


def test_everything_that_a_proxy_writes_is_its_owners_alone(stage) -> None:
    stage.aggregator()
    stage.collaborator("site-1")
    paths = [path for side in ("aggregator", "site-1") for path in (stage.folder / side).rglob("*")]
    ours = [path for path in paths if "proxy" in path.parts or ("tls" in path.parts and not path.is_symlink())]
    wrong = {str(path): oct(path.stat().st_mode) for path in ours if path.stat().st_mode & 0o077}
    assert len(ours) > 12
    assert not wrong
    assert stat.S_ISSOCK((stage.folder / "aggregator/proxy/admin.sock").stat().st_mode)
    assert b"PRIVATE KEY" not in b"".join(
        path.read_bytes() for path in ours if path.is_file() and "proxy" in path.parts
    )


def test_no_key_stands_on_a_command_line(stage) -> None:
    aggregator = stage.aggregator()
    for pid in (aggregator.process.pid, aggregator.envoy_pid()):
        assert b"BEGIN" not in Path(f"/proc/{pid}/cmdline").read_bytes()
        assert b"BEGIN" not in Path(f"/proc/{pid}/environ").read_bytes()


def test_a_hundred_megabytes_pass_with_bounded_memory(stage) -> None:
    aggregator = stage.aggregator()
    collaborator, port = stage.collaborator("site-1")
    through(port)
    pids = [aggregator.envoy_pid(), collaborator.envoy_pid()]
    before = [_peak(pid) for pid in pids]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    block = b"x" * (1 << 20)
    connection.request("POST", "/fleet/model", iter([block] * 100), {"content-length": str(100 << 20)})
    answer = connection.getresponse()
    size = json.loads(answer.read())["size"]
    connection.close()
    assert (answer.status, size) == (200, 100 << 20)
    assert max(_peak(pid) - start for pid, start in zip(pids, before, strict=True)) < 48 << 20


def _peak(pid: int) -> int:
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) << 10


def test_a_poll_without_news_is_asked_again_by_the_proxy_and_leaves_no_lines(stage) -> None:
    aggregator = stage.aggregator()
    _, port = stage.collaborator("site-1")
    stage.runtime.empty_polls = 5
    began = time.monotonic()
    status, answer = through(port, POLL)
    assert (status, answer["path"], stage.runtime.empty_polls) == (200, POLL, 0)
    assert time.monotonic() - began < 2
    through(port)
    aggregator.told(log="request", path="/fleet/echo")
    assert not [line for line in aggregator.lines() if line.get("path") == POLL]


def test_a_runtime_that_speaks_http_2_is_spoken_to_so(stage) -> None:
    """A collaborator's proxy of another run stands for it: it takes HTTP/2 on loopback, and leads to an echo."""
    stage.aggregator()
    _, echo = stage.collaborator("site-1")
    second = Stage(stage.folder / "second", rules=replace(stage.rules, upstream="http2"))
    try:
        second.roster("site-1")
        second.runtime.port = echo
        second.aggregator()
        _, port = second.collaborator("site-1")
        status, seen = through(port)
        assert (status, seen["path"]) == (200, "/fleet/echo")
    finally:
        second.close()


def test_a_root_of_any_length_works(stage) -> None:
    """A Unix socket's path may have 107 bytes only, a folder's far more."""
    deep = Stage(stage.folder / ("d" * 100) / ("e" * 100))
    try:
        deep.roster("site-1")
        assert deep.aggregator().command("ready").returncode == 0
    finally:
        deep.close()

"""The supervisor's small parts: where Envoy is found, which files are news, what the command line refuses."""

from __future__ import annotations

import json
import os
import sys

import pytest

from covey_transport.errors import BadStartError, TransportError
from covey_transport.identity.folder import write_folder
from covey_transport.supervisor.__main__ import main
from covey_transport.supervisor.envoy import find_envoy
from covey_transport.supervisor.start import parse_net, parse_start
from covey_transport.supervisor.telling import tell
from covey_transport.supervisor.watch import Watched

START = {
    "contract": 1,
    "side": "collaborator",
    "run": {"namespace": "a", "job": "b", "number": 3, "uid": "x"},
    "ports": {"proxy": 1, "runtime": 2, "session": 3},
    "proxy": {"routes": [{"path": "/a", "methods": ["POST"]}], "upstream": "http1", "upstreamIdleSeconds": 3},
    "rounds": 5,
}


def _start():
    return parse_start(json.dumps(START).encode(), side="collaborator", trust_domain="covey.test")


def test_envoy_comes_from_the_wheel() -> None:
    assert os.access(find_envoy(), os.X_OK)


def test_without_the_wheel_envoy_comes_from_path(monkeypatch, tmp_path) -> None:
    monkeypatch.setitem(sys.modules, "envoy", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TransportError, match=r"install covey\[local\], or put `envoy` on PATH"):
        find_envoy()
    (tmp_path / "envoy").write_text("#!/bin/sh\n")
    (tmp_path / "envoy").chmod(0o755)
    assert find_envoy() == tmp_path / "envoy"


def test_the_identity_of_a_run_comes_from_its_start_data() -> None:
    assert _start().identity == "spiffe://covey.test/run/a/b/3"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"identity": "spiffe://covey.test/run/a/b/2"}, "must be this run's"),
        ({"address": {"host": "hub test", "port": 1}}, "net.json/address/host must be a text like"),
        ({"address": {"host": "hub.test"}}, "net.json/address/port is missing"),
        ({"caFile": "/etc/ca.crt"}, "net.json/caFile must be a text like"),
        ({"caFile": "tls/../../ca.crt"}, "net.json/caFile must be a text like"),
        ({"serverName": ""}, "net.json/serverName must be a text like"),
        ({"ca": "x"}, "net.json has a field that nobody reads: 'ca'"),
    ],
)
def test_a_mistake_in_network_data_is_one_sentence(tmp_path, change, why) -> None:
    data = {
        "contract": 1,
        "address": {"host": "hub.test", "port": 443},
        "serverName": "b.hub.test",
        "identity": "spiffe://covey.test/run/a/b/3",
        "caFile": "tls/ca.crt",
    }
    assert parse_net(json.dumps(data).encode(), root=tmp_path, start=_start()).authorities == tmp_path / "tls/ca.crt"
    with pytest.raises(BadStartError) as caught:
        parse_net(json.dumps(data | change).encode(), root=tmp_path, start=_start())
    assert why in str(caught.value)


def test_a_file_is_news_once_and_again_when_its_folder_is_swapped(tmp_path) -> None:
    watched = Watched(tmp_path / "net.json")
    assert watched.news() is None
    write_folder(tmp_path, {"net.json": b"1"})
    assert (watched.news(), watched.news()) == (b"1", None)
    write_folder(tmp_path, {"net.json": b"2"})
    assert (watched.news(), watched.news()) == (b"2", None)


def test_a_line_is_json_whatever_it_tells_and_cut(capsys) -> None:
    tell("session", who="a\nb\x1b[31m", message="x" * 10_000)
    (line,) = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    assert (told["log"], told["who"], len(told["message"])) == ("session", "a\nb\x1b[31m", 2000)
    assert "\x1b" not in line


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["ready", "--root", "none"], 30),
        (["drain", "--root", "none"], 30),
        (["--root", "none", "--side", "aggregator", "--trust-domain", "Not/One"], 30),
    ],
)
def test_a_root_without_a_proxy_and_a_wrong_trust_domain_end_with_30(
    tmp_path, monkeypatch, capsys, arguments, code
) -> None:
    monkeypatch.chdir(tmp_path)
    before = os.umask(0o022)
    try:
        assert main(arguments) == code
    finally:
        os.umask(before)
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["code"] == code


@pytest.mark.parametrize(
    "arguments", [[], ["--root", "x"], ["--root", "x", "--side", "middle"], ["stop", "--root", "x"]]
)
def test_a_wrong_command_line_ends_with_2(capsys, arguments) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: covey-proxy" in capsys.readouterr().err

"""Ports that programs are told of before they listen."""

from __future__ import annotations

import subprocess
import sys

import pytest

from covey_cli.local_run import ports

_FEW = "from covey_cli.local_run import ports; ports._FIRST, ports._end = 20_000, lambda: 20_130; "


def test_ports_are_all_different() -> None:
    found = ports.free_ports(50)
    assert len(set(found)) == 50


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no abstract names")
def test_two_processes_never_choose_the_same() -> None:
    first = f"{_FEW}print(ports.free_ports(40), flush=True); input()"
    second = f"{_FEW}print(ports.free_ports(40))"
    with subprocess.Popen([sys.executable, "-c", first], stdin=-1, stdout=-1, text=True) as other:
        theirs = _numbers(other.stdout.readline())
        ended = subprocess.run([sys.executable, "-c", second], capture_output=True, text=True, check=True)
        other.communicate("\n")
    ours = _numbers(ended.stdout)
    assert len(set(ours)) == len(set(theirs)) == 40
    assert not set(ours) & set(theirs)


def _numbers(text: str) -> list[int]:
    return [int(word) for word in text.strip(" []\n").split(",")]

"""What a process that does not start ends its launcher with."""

from __future__ import annotations

import errno
import subprocess
import sys

import pytest

from covey_core.launch.exits import Exit, LaunchError
from covey_runtimes.adapter import Process
from covey_runtimes.launch.children import Children


@pytest.fixture
def children(tmp_path):
    (tmp_path / "logs").mkdir()
    return Children(tmp_path / "logs", environment={}, folder=tmp_path)


def test_a_program_that_is_not_there_is_bad_start_data(children):
    with pytest.raises(LaunchError, match="'server' does not start: /nowhere/python: No such file") as caught:
        children.start(Process("server", ("/nowhere/python",)))
    assert caught.value.code is Exit.START


@pytest.mark.parametrize("number", [errno.EAGAIN, errno.ENOMEM])
def test_a_machine_that_is_short_of_something_may_have_it_later(children, monkeypatch, number):
    def short(*_, **__):
        raise OSError(number, "not now")

    monkeypatch.setattr(subprocess, "Popen", short)
    with pytest.raises(LaunchError, match="does not start") as caught:
        children.start(Process("server", (sys.executable,)))
    assert caught.value.code is Exit.AGAIN


def test_a_log_that_can_not_be_written_is_the_disks_fault(children, tmp_path):
    """The program tells it as such, with 10: the disk may be full."""
    (tmp_path / "logs").rmdir()
    with pytest.raises(FileNotFoundError):
        children.start(Process("server", (sys.executable,)))

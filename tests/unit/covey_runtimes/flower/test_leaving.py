"""How a forked child ends."""

from __future__ import annotations

import subprocess
import sys

import pytest

from covey_runtimes import own_code

PROGRAM = """
import atexit, sys, threading, time
from covey_flower.leaving import leave_after

def work():
    {}
    return 0

atexit.register(print, "farewell")
leave_after(work)
"""


def ended(work):
    words = (sys.executable, "-c", PROGRAM.format(work))
    return subprocess.run(
        words, env={"PYTHONPATH": own_code.inside("flower")}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("work", "code", "said"),
    [
        ("pass", 0, ""),
        ("sys.exit()", 0, ""),
        ("sys.exit(20)", 20, ""),
        ("sys.exit('no data')", 1, "no data\n"),
        ("raise ValueError('the labels are odd')", 1, "ValueError: the labels are odd\n"),
    ],
)
def test_it_ends_as_a_program_of_its_own_would(work, code, said):
    child = ended(work)
    assert child.returncode == code
    assert child.stderr.endswith(said)
    assert child.stdout == "farewell\n"


def test_a_thread_that_is_still_at_work_is_awaited():
    child = ended("threading.Thread(target=lambda: (time.sleep(0.2), print('saved'))).start()")
    assert child.stdout == "saved\nfarewell\n"

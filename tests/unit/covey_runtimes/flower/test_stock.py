"""Processes that Flower starts its own way end with their side, also one that does not listen."""

from __future__ import annotations

import signal
import subprocess
import sys

from covey_flower import stock

_DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"


def test_who_does_not_end_in_time_is_killed():
    ready = {"stdout": subprocess.PIPE}
    deaf = subprocess.Popen([sys.executable, "-c", _DEAF], **ready)
    polite = subprocess.Popen([sys.executable, "-c", "import time; print(flush=True); time.sleep(60)"], **ready)
    for process in (deaf, polite):
        process.stdout.readline()
        process.stdout.close()

    stock.stop([deaf, polite], grace=0.3)

    assert (deaf.returncode, polite.returncode) == (-signal.SIGKILL, -signal.SIGTERM)

"""Waiting for what must come, and for what must not."""

from __future__ import annotations

import time


def until(look, what="what is waited for", *, told=None, seconds=60.0, pause=0.05):
    """The first true answer; fails after that time with what was seen last, or what `told` says then."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, f"{what} did not come within {seconds:g} s: {told() if told else found}"
        time.sleep(pause)
    return found


def steadily(look, *, seconds):
    """Stays so for some time: for what must not happen."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert look()
        time.sleep(0.1)

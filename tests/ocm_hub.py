"""What tests of OCM have in common: waiting, conditions, objects that are short to write."""

from __future__ import annotations

import time

_SECONDS = 30.0


def eventually(look, told=None, *, seconds=_SECONDS):
    """The first true answer."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, f"not within {seconds:.0f} s; last seen: {told() if told else found}"
        time.sleep(0.05)
    return found


def steadily(look, *, seconds):
    """Stays so for some time: for what must not happen."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert look()
        time.sleep(0.1)


def condition(one, kind):
    """Status, reason and message; None where there is no such condition."""
    for said in (one or {}).get("status", {}).get("conditions", []):
        if said["type"] == kind:
            return said["status"], said["reason"], said.get("message", "")
    return None

"""Free ports on loopback."""

from __future__ import annotations

import os
import random
import socket
import sys
from collections import deque
from contextlib import ExitStack
from pathlib import Path
from typing import Final

_FIRST: Final = 16_384
_LAST: Final = 32_768
_OWN_OF_CONNECTIONS: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")
_MOST: Final = 64  # names that are kept, each an open file
_chosen: deque[int] = deque()


def free_ports(number: int) -> list[int]:
    """All different, and none that the kernel gives to connections: one would take it while a program is restarted.

    On Linux no other process that asks here gets one of the last 64 while this one lives. Somebody else may still take
    one before it is used, which a program that needs it then says.
    """
    with ExitStack() as stack:
        return [_bound(stack.enter_context(socket.socket())) for _ in range(number)]


def _bound(sock: socket.socket) -> int:
    for port in (*random.sample(range(_FIRST, _end()), 100), 0):  # where all of these are taken, any
        if port and not _choose(port):
            continue
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            continue
        break
    return int(sock.getsockname()[1])


def _choose(port: int) -> bool:
    """Tells others by a name that goes with this process (unix(7), "abstract"); false where they were first."""
    if sys.platform != "linux":
        return True
    name = socket.socket(socket.AF_UNIX)
    try:
        name.bind(f"\0covey-port-{port}")
    except OSError:
        name.close()
        return False
    _chosen.append(name.detach())  # open until this process ends
    if len(_chosen) > _MOST:
        os.close(_chosen.popleft())
    return True


def _end() -> int:
    """Where the kernel's own begin (ip(7)); at least a thousand are left, whatever it says."""
    try:
        lowest = int(_OWN_OF_CONNECTIONS.read_text("ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return _LAST
    return max(min(lowest, _LAST), _FIRST + 1000)

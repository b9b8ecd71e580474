"""The network that joins the nodes of a plane: one bridge in namespaces of its own, which the node agents enter.

`python -m controlplane.node.network FILE` writes into FILE the process whose namespaces these are, and stays.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from controlplane.node import linux

BRIDGE = "nodes"
_LINES = f"link set lo up\nlink add {BRIDGE} type bridge\nlink set {BRIDGE} up\n"


def address(node: int, host: int) -> str:
    """Of the node itself (1), and of its Pods."""
    return f"10.244.{node}.{host}"


def hardware(node: int, host: int) -> str:
    """Fixed, so that nobody's table of neighbours is wrong when an address is used again."""
    return f"02:00:0a:f4:{node:02x}:{host:02x}"


def hold(ready: Path) -> None:
    """Two processes: the outer one, which may say who is who in there, and the inner one, whose namespaces stay."""
    made, mapped = os.pipe(), os.pipe()
    child = os.fork()
    if not child:
        linux.die_with_parent()
        linux.unshare(linux.NEW_USERS | linux.NEW_NET)
        os.write(made[1], b".")
        os.read(mapped[0], 1)
        subprocess.run(["ip", "-batch", "-"], input=_LINES, text=True, check=True)
        half = ready.with_suffix(".half")
        half.write_text(str(os.getpid()))
        half.replace(ready)
        signal.pause()
    os.read(made[0], 1)
    for name, text in user_maps():
        Path(f"/proc/{child}/{name}").write_text(text, "ascii")
    os.write(mapped[1], b".")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def refused() -> str:
    """Why this machine can't have nodes; empty when it can."""
    if not shutil.which("ip"):
        return "the program `ip` is missing: apt-get install iproute2"
    child = os.fork()
    if not child:
        try:
            linux.unshare(linux.NEW_USERS | linux.NEW_NET)
        except OSError:
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        return "no namespaces for users here: sysctl kernel.apparmor_restrict_unprivileged_userns=0, where that is 1"
    return ""


def user_maps() -> list[tuple[str, str]]:
    """All users where we are root, else our own as root."""
    if not os.geteuid():
        return [("uid_map", "0 0 4294967295"), ("gid_map", "0 0 4294967295")]
    return [("setgroups", "deny"), ("uid_map", f"0 {os.geteuid()} 1"), ("gid_map", f"0 {os.getegid()} 1")]


def enter(holder: int) -> None:
    """The users of the plane's nodes, with all rights in there; the network stays ours. One thread only."""
    fd = os.open(f"/proc/{holder}/ns/user", os.O_RDONLY)
    linux.setns(fd, linux.NEW_USERS)
    os.close(fd)
    linux.die_with_parent()  # again: the kernel forgets it when rights change


if __name__ == "__main__":
    hold(Path(sys.argv[1]))

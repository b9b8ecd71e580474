"""A side's processes as Flower starts them: each a program of its own, with all imports anew."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from covey_flower.ends import End, after
from covey_flower.orphans import never_be_one
from covey_flower.roles import APPS

if TYPE_CHECKING:
    from collections.abc import Collection

_LOOK, _GRACE = 0.1, 5.0


def serve(first: list[tuple[str, ...]]) -> int:
    """Until the side is over; returns the code to end with."""
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stopped.append(number))
    never_be_one()
    env = {**os.environ, "PATH": os.pathsep.join((str(_programs()), os.environ["PATH"])), "COVEY_WAIT": "1"}
    running = {argv[0]: _start(argv, env) for argv in first}
    end = None
    while end is None and not stopped:
        time.sleep(_LOOK)
        end = _judge(running)
    stop(running.values())
    return (end or End(143, "")).tell()


def stop(processes: Collection[subprocess.Popen[bytes]], *, grace: float = _GRACE) -> None:
    for process in processes:
        process.terminate()
    until = time.monotonic() + grace
    for process in processes:
        try:
            process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _start(argv: tuple[str, ...], env: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen((sys.executable, "-m", "covey_flower.roles", *argv), env=env)  # noqa: S603 - our own words


def _judge(running: dict[str, subprocess.Popen[bytes]]) -> End | None:
    for name, process in list(running.items()):
        if (code := process.poll()) is not None:
            del running[name]
            if name == "submit" and code == 0:
                return End(0, "")  # it has waited for the run
            if end := after(name, code):
                return end
    return None


def _programs() -> Path:
    """Flower starts apps by name, from PATH: these are ours."""
    folder = Path(os.environ["FLWR_HOME"], "bin")
    folder.mkdir(parents=True, exist_ok=True)
    for name in APPS:
        program = folder / name
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m covey_flower.roles {name} "$@"\n')
        program.chmod(0o700)
    return folder

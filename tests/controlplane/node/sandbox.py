"""A Pod's or a node's holder as its agent sees it: commands in, sockets and exit codes out."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_MESSAGE = 1 << 16
_TESTS = Path(__file__).resolve().parents[2]


class SandboxError(Exception):
    """What a holder could not do, in one sentence."""


class Sandbox:
    """Namespaces with a first process; all in there ends with `close`, or with this program."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._own.settimeout(0)
        words = [sys.executable, "-S", "-E", "-c", _START, str(_TESTS), str(other.fileno())]
        # A group of its own, so that the agent's end comes first, and Pods are not seen to fail before it.
        self._process = subprocess.Popen(words, pass_fds=[other.fileno()], stdin=subprocess.DEVNULL, process_group=0)
        other.close()
        self._numbers = count(1)
        self._answers: dict[int, asyncio.Future[list[int]]] = {}
        self._ends: dict[int, asyncio.Future[int]] = {}
        asyncio.get_running_loop().add_reader(self._own, self._read)

    @property
    def pid(self) -> int:
        return self._process.pid

    async def ip(self, lines: Sequence[str], *, of: int | None = None) -> None:
        await self._ask({"do": "ip", "lines": list(lines), "of": of})

    async def name(self, name: str) -> None:
        await self._ask({"do": "name", "name": name})

    async def memory(self, target: Path, options: str) -> None:
        await self._ask({"do": "memory", "target": str(target), "options": options})

    async def socket(self) -> socket.socket:
        """A TCP socket of this network."""
        (fd,) = await self._ask({"do": "socket"})
        made = socket.socket(fileno=fd)
        made.settimeout(0)
        return made

    async def run(self, spec: dict[str, Any]) -> int:
        """Starts a container; its number is for `exec`, `kill` and `end`."""
        return await self._start({"do": "run"}, spec)

    async def exec(self, of: int, spec: dict[str, Any]) -> int:
        return await self._start({"do": "exec", "of": of}, spec)

    async def kill(self, of: int, sign: int) -> None:
        await self._ask({"do": "kill", "of": of, "signal": sign})

    async def end(self, of: int) -> int:
        """The exit code."""
        return await asyncio.shield(self._ends[of])

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._own)
        self._own.close()
        self._process.kill()
        self._process.wait()
        self._lost()

    async def _start(self, message: dict[str, Any], spec: dict[str, Any]) -> int:
        number = next(self._numbers)
        file = self._folder / f"{number}.spec"
        file.touch(mode=0o600)
        file.write_text(json.dumps(spec))
        self._ends[number] = asyncio.get_running_loop().create_future()
        try:
            await self._ask({**message, "spec": str(file)}, number)
        except SandboxError:
            del self._ends[number]
            file.unlink(missing_ok=True)
            raise
        return number

    async def _ask(self, message: dict[str, Any], number: int | None = None) -> list[int]:
        number = next(self._numbers) if number is None else number
        answer: asyncio.Future[list[int]] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        try:
            self._own.send(json.dumps({**message, "id": number}).encode())
        except OSError as error:
            raise SandboxError(f"the Pod's sandbox is gone: {error.strerror}") from error
        return await answer

    def _read(self) -> None:
        try:
            data, fds, _, _ = socket.recv_fds(self._own, _MESSAGE, 4)
        except OSError:
            data, fds = b"", []
        if not data:
            with suppress(OSError, ValueError):
                asyncio.get_running_loop().remove_reader(self._own)
            self._lost()
            return
        told = json.loads(data)
        if "ended" in told:
            self._ends[told["id"]].set_result(told["ended"])
            return
        answer = self._answers.pop(told["id"])
        if answer.cancelled():
            for fd in fds:
                os.close(fd)
        elif "failed" in told:
            answer.set_exception(SandboxError(told["failed"]))
        else:
            answer.set_result(list(fds))

    def _lost(self) -> None:
        """All in there has been killed."""
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(SandboxError("the Pod's sandbox is gone"))
        self._answers.clear()
        for end in self._ends.values():
            if not end.done():
                end.set_result(137)


_START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from controlplane.node.holder import main; main()"

"""The first process of a Pod or of a node: holds the namespaces, starts programs in them, and hands out sockets.

`python -S -m controlplane.node.holder FD`: commands come over the socket FD, one JSON object each; when whoever gave
them is gone, everything in here is too, as this is PID 1 of a process namespace.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from controlplane.node import container, linux

_MESSAGE = 1 << 16
_OWN = linux.NEW_NET | linux.NEW_IPC | linux.NEW_UTS | linux.NEW_MOUNTS | linux.NEW_PIDS


class Holder:
    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._running: dict[int, int] = {}  # number of the command -> pid
        self._own_pids = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)

    def serve(self) -> None:
        woken, wake = socket.socketpair()
        for end in (woken, wake):
            end.settimeout(0)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        while True:
            ready, _, _ = select.select([self._control, woken], [], [])
            if woken in ready:
                woken.recv(4096)
                self._reap()
            if self._control in ready:
                try:
                    message = self._control.recv(_MESSAGE)
                except ConnectionResetError:
                    return
                if not message:
                    return
                self._answer(json.loads(message))

    def _answer(self, asked: dict[str, Any]) -> None:
        try:
            fds = getattr(self, f"_do_{asked['do']}")(asked) or []
            answer = {"id": asked["id"], "done": True}
        except (OSError, ValueError, subprocess.CalledProcessError) as error:
            fds, answer = [], {"id": asked["id"], "failed": _sentence(error)}
        socket.send_fds(self._control, [json.dumps(answer).encode()], fds)
        for fd in fds:
            os.close(fd)

    def _do_socket(self, _: dict[str, Any]) -> list[int]:
        """A socket of this network, wherever it is used."""
        return [socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK).detach()]

    def _do_name(self, asked: dict[str, Any]) -> None:
        socket.sethostname(asked["name"])

    def _do_memory(self, asked: dict[str, Any]) -> None:
        flags = linux.NO_SUID | linux.NO_DEVICES
        linux.mount("tmpfs", asked["target"], "tmpfs", flags, asked["options"])

    def _do_ip(self, asked: dict[str, Any]) -> None:
        """Lines for `ip -batch`, in here or in the network of another process."""
        other = asked.get("of")

        def enter() -> None:
            if other:
                linux.setns(os.open(f"/proc/{other}/ns/net", os.O_RDONLY), linux.NEW_NET)

        lines = "\n".join(asked["lines"])
        subprocess.run(["ip", "-batch", "-"], input=lines, text=True, check=True, capture_output=True, preexec_fn=enter)

    def _do_kill(self, asked: dict[str, Any]) -> None:
        pid = self._running.get(asked["of"])
        if pid is not None:
            os.kill(pid, asked["signal"])

    def _do_run(self, asked: dict[str, Any]) -> None:
        spec = _spec(asked)
        linux.unshare(linux.NEW_PIDS)
        try:
            self._fork(asked["id"], lambda: container.become(spec))
        finally:
            linux.setns(self._own_pids, linux.NEW_PIDS)

    def _do_exec(self, asked: dict[str, Any]) -> None:
        spec, inside = _spec(asked), self._running.get(asked["of"])
        if inside is None:
            raise ValueError("the container is not running")
        fd = os.pidfd_open(inside)
        try:
            linux.setns(fd, linux.NEW_PIDS)
            self._fork(asked["id"], lambda: container.join(spec, fd))
        finally:
            linux.setns(self._own_pids, linux.NEW_PIDS)
            os.close(fd)

    def _fork(self, number: int, run: Any) -> None:
        """Raises OSError when the program can't be started; the pipe closes by itself when it could."""
        read, write = os.pipe()  # not inherited over exec
        pid = os.fork()
        if not pid:
            try:
                linux.die_with_parent()
                run()
            except BaseException as error:  # noqa: BLE001 - told to the parent
                os.write(write, _sentence(error).encode())
            os._exit(128)
        os.close(write)
        with open(read, encoding="utf-8") as said:  # noqa: PTH123 - a pipe
            failed = said.read()
        if failed:
            os.waitpid(pid, 0)
            raise ValueError(failed)
        self._running[number] = pid

    def _reap(self) -> None:
        """Orphans of what was exec'ed in containers die with these; all else that ends here was started here."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            code = os.waitstatus_to_exitcode(status)
            for number in [number for number, one in self._running.items() if one == pid]:
                del self._running[number]
                ended = {"id": number, "ended": code if code >= 0 else 128 - code}
                self._control.send(json.dumps(ended).encode())


def _spec(asked: dict[str, Any]) -> Any:
    file = Path(asked["spec"])
    spec = json.loads(file.read_text())
    file.unlink()  # it holds what the environment holds
    return spec


def _sentence(error: BaseException) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        return str(error.stderr).strip() or str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or ''}: {error.strerror}".removeprefix(": ")
    return str(error) or type(error).__name__


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    control.set_inheritable(False)
    parent = os.getppid()
    linux.die_with_parent()
    if os.getppid() != parent:
        return
    linux.unshare(_OWN)
    child = os.fork()
    if child:
        control.close()
        os.waitpid(child, 0)
        os._exit(0)
    linux.die_with_parent()
    linux.own_mounts()
    Holder(control).serve()
    os._exit(0)


if __name__ == "__main__":
    main()

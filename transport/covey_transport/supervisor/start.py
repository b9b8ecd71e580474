"""`start.json` and `net.json`, as far as the proxy reads them; see the launcher's contract, points 2 and 3."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from covey_core import names
from covey_transport.checked import Checked, decode
from covey_transport.errors import BadStartError
from covey_transport.proxy.collaborator import Peer
from covey_transport.proxy.rules import Rules, parse_rules

if TYPE_CHECKING:
    from pathlib import Path

CONTRACT = 1
SIDES = ("aggregator", "collaborator")
TRUST_DOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,253}[a-z0-9])?\Z")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.:-]{0,252})\Z")
_FILE = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_-][A-Za-z0-9._-]*\Z")


@dataclass(frozen=True, slots=True)
class Start:
    """`session_port` is the aggregator's only."""

    identity: str
    proxy_port: int
    runtime_port: int
    session_port: int
    rules: Rules


def parse_start(data: bytes, *, side: str, trust_domain: str) -> Start:
    where = "start.json"
    fields = Checked(decode(data, where), where, None)
    fields.number("contract", CONTRACT, CONTRACT)
    if fields.choice("side", SIDES) != side:
        raise BadStartError(f"start.json is for the {fields.value('side')}, but this is the {side}'s proxy.")
    run, ports = fields.object("run"), fields.object("ports")
    namespace, job = run.text("namespace", _LABEL), run.text("job", _LABEL)
    number = int(run.number("number", 0, 99999))
    return Start(
        identity=names.run_identity(trust_domain, namespace, job, number),
        proxy_port=ports.port("proxy"),
        runtime_port=ports.port("runtime"),
        session_port=ports.port("session"),
        rules=parse_rules(fields.value("proxy"), fields.place("proxy")),
    )


def parse_net(data: bytes, *, root: Path, start: Start) -> Peer:
    """The aggregator to talk to; it must be the one of this run."""
    where = "net.json"
    fields = Checked(decode(data, where), where, ("contract", "address", "serverName", "identity", "caFile"))
    fields.number("contract", CONTRACT, CONTRACT)
    address = fields.object("address", ("host", "port"))
    if fields.value("identity") != start.identity:
        raise fields.wrong("identity", f"must be this run's, {start.identity}")
    return Peer(
        host=address.text("host", _HOST),
        port=address.port("port"),
        server_name=fields.text("serverName", _HOST),
        identity=start.identity,
        authorities=root / fields.text("caFile", _FILE),
    )

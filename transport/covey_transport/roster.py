"""The roster: which clusters may take part in a run, by their identities, and the keys bound to each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from covey_core import names
from covey_core.manifests import canonical_json
from covey_transport.checked import Checked, decode
from covey_transport.files import replace

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

CONTRACT = 1
CLUSTER = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\Z")
KEY = re.compile(r"[!-+\--~]{1,4096}\Z")  # what fits a header; no comma, because Envoy joins doubled headers with one


@dataclass(frozen=True, slots=True)
class Member:
    cluster: str
    identity: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Roster:
    """Sorted by cluster; an empty one admits nobody."""

    members: tuple[Member, ...] = ()

    def find(self, identity: str) -> Member | None:
        return next((member for member in self.members if member.identity == identity), None)


def roster_of(clusters: Iterable[str], *, trust_domain: str) -> Roster:
    """The usual roster: each cluster with the identity that its name gives."""
    return Roster(tuple(Member(name, names.cluster_identity(trust_domain, name)) for name in sorted(set(clusters))))


def parse_roster(data: bytes, where: str, *, trust_domain: str) -> Roster:
    """Raises BadStartError; an identity must be the one that the cluster's name gives, so none is there twice."""
    fields = Checked(decode(data, where), where, ("contract", "members"))
    fields.number("contract", CONTRACT, CONTRACT)
    entries = fields.object("members")
    members = [_member(entries, cluster, trust_domain) for cluster in sorted(entries.names())]
    return Roster(tuple(members))


def roster_data(roster: Roster) -> dict[str, Any]:
    return {"contract": CONTRACT, "members": {member.cluster: _entry(member) for member in roster.members}}


def write_roster(path: Path, roster: Roster) -> None:
    replace(path, canonical_json(roster_data(roster)))


def _entry(member: Member) -> dict[str, Any]:
    return {"identity": member.identity} | ({"keys": list(member.keys)} if member.keys else {})


def _member(entries: Checked, cluster: str, trust_domain: str) -> Member:
    if not CLUSTER.match(cluster):
        raise entries.wrong(cluster, "is no cluster's name")
    entry = entries.object(cluster, ("identity", "keys"))
    expected = names.cluster_identity(trust_domain, cluster)
    if entry.value("identity") != expected:
        raise entry.wrong("identity", f"must be {expected}")
    return Member(cluster, expected, tuple(entry.texts("keys", KEY)) if entry.has("keys") else ())

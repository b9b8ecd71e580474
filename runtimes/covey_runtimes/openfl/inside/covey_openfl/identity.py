"""Who sends: the name that the hub's proxy wrote into the request from the certificate, and nobody else's word."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

HEADER = "x-covey-cluster"


def sender(metadata: Iterable[tuple[str, str | bytes]]) -> str:
    """The last part of the one SPIFFE URI; empty where there is none, or more than one."""
    values = [value for key, value in metadata if key == HEADER]
    if len(values) != 1 or not isinstance(values[0], str):
        return ""
    uri = values[0]
    if not uri.startswith("spiffe://") or "," in uri:
        return ""
    return uri.rpartition("/cluster/")[2] if "/cluster/" in uri else ""

"""What tests of OCM have in common: conditions, objects that are short to write."""

from __future__ import annotations


def condition(one, kind):
    """Status, reason and message; None where there is no such condition."""
    for said in (one or {}).get("status", {}).get("conditions", []):
        if said["type"] == kind:
            return said["status"], said["reason"], said.get("message", "")
    return None

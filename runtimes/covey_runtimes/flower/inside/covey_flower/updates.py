"""Updates that are no numbers: one would make the whole model useless, in a way that nobody sees before the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from covey_flower.arrays import finite
from covey_reports.reporting import APP_FAILED, ReportedError, report

if TYPE_CHECKING:
    from collections.abc import Iterable


def refuse_bad(updates: Iterable[tuple[str, Iterable[Any]]], number: int) -> None:
    """`updates` has who sent it and the records of arrays."""
    bad = {name for name, records in updates if not all(finite(record) for record in records)}
    if bad:
        said = f"The update of {', '.join(sorted(bad))} in round {number} holds NaN or infinity."
        report("error", code=APP_FAILED, message=said)
        raise ReportedError(said)

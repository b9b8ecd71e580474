"""Taints of clusters and what a Placement tolerates, for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from .outcome import Refusal, Step
from .selectors import SelectorError

if TYPE_CHECKING:
    from .spec import Placement, Toleration
    from .world import Cluster, Taint

_FOREVER = datetime.max.replace(tzinfo=UTC)


def check_tolerations(placement: Placement) -> None:
    """Raises SelectorError for what OCM calls a misconfiguration, in its words."""
    for toleration in placement.tolerations:
        if not toleration.key and toleration.operator != "Exists":
            raise SelectorError("If the key is empty, operator must be Exists.")
        if toleration.operator == "Exists" and toleration.value:
            raise SelectorError("If the operator is Exists, the value should be empty.")


def tolerated(
    cluster: Cluster, placement: Placement, *, is_decided: bool, now: datetime
) -> tuple[Refusal | None, datetime | None]:
    """What stands against the cluster, or until when it is tolerated (None: for ever)."""
    ends = []
    for taint in cluster.taints:
        if taint.effect == "PreferNoSelect" or (taint.effect == "NoSelectIfNew" and is_decided):
            continue
        fitting = [toleration for toleration in placement.tolerations if _fits(toleration, taint)]
        end = next((end for one in fitting if now < (end := _end(one, taint))), None)
        if end is None:
            return _refusal(taint, fitting), None
        ends.append(end)
    until = min(ends, default=_FOREVER)
    return None, None if until == _FOREVER else until


def _fits(toleration: Toleration, taint: Taint) -> bool:
    if toleration.effect and toleration.effect != taint.effect:
        return False
    if toleration.key and toleration.key != taint.key:
        return False
    return toleration.operator == "Exists" or (toleration.operator == "Equal" and toleration.value == taint.value)


def _end(toleration: Toleration, taint: Taint) -> datetime:
    """A taint without a time was added at the beginning of time, says OCM: no number of seconds tolerates it."""
    if toleration.seconds is None:
        return _FOREVER
    if taint.added is None:
        return datetime.min.replace(tzinfo=UTC)
    try:
        return taint.added + timedelta(seconds=toleration.seconds)
    except OverflowError:
        return _FOREVER if toleration.seconds > 0 else datetime.min.replace(tzinfo=UTC)


def _refusal(taint: Taint, fitting: list[Toleration]) -> Refusal:
    if not fitting:
        return Refusal(Step.TAINT, f"has the taint {taint}, which is not tolerated", taint.key)
    seconds = max(one.seconds or 0 for one in fitting)
    if taint.added is None:
        why = f"without a time, so that {seconds} s of toleration never begin"
    else:
        end = max(_end(one, taint) for one in fitting)
        why = f"since {_time(taint.added)}, tolerated for {seconds} s, until {_time(end)}"
    return Refusal(Step.TAINT, f"has the taint {taint} {why}", taint.key)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

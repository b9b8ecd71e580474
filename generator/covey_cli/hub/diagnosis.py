"""All checks of a hub, for `covey doctor --hub`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from covey_cli.diagnosis import Check
from covey_cli.errors import UserError
from covey_cli.options import find_root

from . import checks
from .connection import connect
from .owners import owners
from .state import look

if TYPE_CHECKING:
    from pathlib import Path

    from .state import State


def diagnose_hub(folder: Path, *, kubeconfig: Path | None, context: str | None) -> tuple[Check, ...]:
    """With the fleet repo around `folder`, if there is one; raises UserError where the hub can't be reached."""
    sets, granted = _fleet(folder)
    with connect(kubeconfig, context) as hub:
        state = look(hub, sets)
    return judge(state, sets, granted, now=datetime.now(UTC))


def judge(state: State, sets: tuple[str, ...], granted: dict[str, list[str]], *, now: datetime) -> tuple[Check, ...]:
    found = [
        Check("hub", "ok", state.server),
        checks.kubernetes(state),
        checks.ocm(state),
        *checks.all_kinds(state),
        checks.learning_crd(state),
        checks.replica_sets(state, now),
        checks.spokes(state),
        checks.claims(state, granted),
        checks.cluster_sets(state, sets),
        checks.binding(state),
        owners(state.ours),
        *_unseen(state),
    ]
    return tuple(check for check in found if check is not None)


def _unseen(state: State) -> list[Check]:
    """Objects of ours that may not be listed; the other refusals stand in their own checks."""
    refused = [error for name, error in state.unseen.items() if name.startswith("ours/")]
    return [Check("rights", "optional", error.message, error.hint) for error in refused[:1]]


def _fleet(folder: Path) -> tuple[tuple[str, ...], dict[str, list[str]]]:
    """The cluster sets of the fleet, and by cluster the claims of the data that is granted of it."""
    from covey_cli.repo import load  # noqa: PLC0415 - only where there is a repo
    from covey_core.names import cluster_claim  # noqa: PLC0415 - the same

    try:
        repo = load(find_root(folder))
    except UserError:
        return (), {}
    granted: dict[str, list[str]] = {}
    for data_set in repo.data_sets.values():
        for cluster in data_set.clusters:
            granted.setdefault(cluster, []).append(cluster_claim(data_set.name))
    return repo.fleet.cluster_sets if repo.fleet else (), granted

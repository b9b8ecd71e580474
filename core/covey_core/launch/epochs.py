"""Names of epochs: the run's uid, and what tells this start of the aggregator from the one before.

The uid in it makes a collaborator know a ghost of another run. One more epoch says that the run is done.
"""

from __future__ import annotations

_DONE = "done"


def epoch_of(uid: str, token: str) -> str:
    return f"{uid}-{token}"


def done_epoch(uid: str) -> str:
    return epoch_of(uid, _DONE)


def run_of(epoch: str) -> str:
    """The uid of the epoch's run."""
    return epoch.rpartition("-")[0]


def is_done(epoch: str) -> bool:
    return epoch.rpartition("-")[2] == _DONE

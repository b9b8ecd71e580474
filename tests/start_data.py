"""Start data of a launcher, as they were read."""

from __future__ import annotations

from dataclasses import replace

from covey_core.launch.start import Ports, Run, Start
from covey_core.model.job import Timeouts

_AGGREGATOR = Start(
    side="aggregator",
    run=Run("vision", "digits", 1, "uid-1"),
    name="hub",
    runtime="tiny",
    rounds=9,
    minimum=1,
    minimum_per_round=1,
    configuration={},
    image="",
    app_digest="",
    ports=Ports(1, 2, 3),
    timeouts=Timeouts(1, 1, 1),
    privacy=None,
    proxy={},
    inputs_digest="sha256:inputs",
)


def start_data(**changes):
    """An aggregator's of nine rounds, but for what is changed."""
    return replace(_AGGREGATOR, **changes)

"""For Flower apps with a loop of their own over the Grid: checkpoints and metrics. Not needed with a strategy.

try:
    import covey_rounds
except ImportError:  # plain Flower
    covey_rounds = None

done, arrays = covey_rounds.last() if covey_rounds else (0, None)
for number in range(done + 1, rounds + 1):
    ...
    if covey_rounds:
        covey_rounds.finished(number, arrays, replies=replies, metrics={"accuracy": 0.9})
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from covey_flower.arrays import hand_over, load
from covey_flower.grid import CoveyGrid
from covey_flower.own_loop import took_part
from covey_flower.progress import CENTRAL, Progress

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flwr.app import ArrayRecord, Message


def last() -> tuple[int, ArrayRecord | None]:
    """How many rounds are finished, and the arrays after the last of them; (0, None) at the beginning."""
    CoveyGrid.tells_rounds = False
    if not (folder := os.environ["COVEY_RESUME"]):
        return 0, None
    arrays = load(Path(folder))
    hand_over("model", arrays)  # there may be no further round
    return int(os.environ["COVEY_DONE"]), arrays


def finished(
    number: int,
    arrays: ArrayRecord,
    *,
    replies: Iterable[Message] = (),
    metrics: Mapping[str, Any] | None = None,
) -> None:
    """Keeps the global arrays after round `number`, with what the replies to its train messages and you measured."""
    CoveyGrid.tells_rounds = False
    progress = Progress()
    took_part(progress, [reply for reply in replies if not reply.has_error()], number=number)
    progress.take("", CENTRAL, metrics or {})
    hand_over(f"round-{number}", arrays)
    progress.finish(number, f"round-{number}")
    hand_over("model", arrays)

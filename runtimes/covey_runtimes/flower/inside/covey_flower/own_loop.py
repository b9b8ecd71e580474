"""An app with a loop of its own over the Grid: its exchanges are told as rounds, and what it sent last is the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from covey_flower.arrays import hand_over, handed_over
from covey_flower.grid import CoveyGrid
from covey_flower.progress import TRAIN, Progress
from covey_flower.updates import refuse_bad
from covey_reports.reporting import report

if TYPE_CHECKING:
    from flwr.app import Message

_SAID = (
    "The app has a loop of its own over the Grid: a restart of the aggregator begins it anew, and the model is what it "
    "sends out last; with covey_rounds it can tell more."
)


class OwnLoop:
    def __init__(self) -> None:
        self._arrays: Any = None
        self._number = 0
        self._progress = Progress()

    def exchanged(self, sent: list[Message], replies: list[Message]) -> None:
        """An exchange with other types of messages, or without arrays, is no round."""
        records = [record for message in sent[:1] for record in message.content.array_records.values()]
        if not records or not sent[0].metadata.message_type.startswith(TRAIN):
            return
        self._arrays = records[0]
        self._number += 1
        if self._number == 1:
            report("error", message=_SAID)
        took_part(self._progress, replies, number=self._number)
        name = f"round-{self._number}"
        hand_over(name, self._arrays)
        self._progress.finish(self._number, name)

    def end(self) -> None:
        if self._arrays is not None and not handed_over("model"):
            hand_over("model", self._arrays)


def took_part(progress: Progress, replies: list[Message], *, number: int) -> None:
    """Takes what each of them measured, and the mean of it, by the number of examples."""
    known = [(CoveyGrid.name_of(reply.metadata.src_node_id), reply.content) for reply in replies]
    refuse_bad(((name, content.array_records.values()) for name, content in known), number)
    for name, content in known:
        for record in content.metric_records.values():
            progress.take(name, TRAIN, record)
    progress.take_means(TRAIN)

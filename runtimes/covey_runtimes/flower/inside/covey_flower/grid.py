"""Flower's Grid with short polls, which knows nodes by the names that their keys prove, and waits for who returns."""

from __future__ import annotations

import json
import os
import threading
import time
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from flwr.app import Message
from flwr.serverapp import Grid

from covey_flower import privacy
from covey_reports.reporting import APP_FAILED, ReportedError, report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

POLL = 0.2  # shorter ones run into Flower's own back-off
LOOK = 1.0
_EXCHANGE = 0.45
_TOO_LARGE = "The app's message is too large for Flower's SuperLink, which refused it (HTTP 413)."


def seconds(timeout: float | None) -> float:
    """For one exchange: a round has two, and the launcher's own clock for the round has begun before."""
    most = _EXCHANGE * float(os.environ["COVEY_ROUND_SECONDS"])
    return most if timeout is None else min(timeout, most)


def pause() -> None:
    """Between two looks at what has come back; the parent that forks puts something in its place that wakes sooner."""
    time.sleep(POLL)


class CoveyGrid(Grid):
    """Around the Grid that Flower gave to the app; `minimum` nodes are awaited before anybody is chosen.

    `watch` is called with what was sent and what came back, unless something better tells the rounds.
    """

    tells_rounds = True  # of the process: a strategy's wrapper or the app itself may do it instead
    may_send = not privacy.asked()  # of the process: with privacy only while a strategy does so that protects it
    names: ClassVar[dict[int, str]] = {}  # every node ever seen, so that replies have a name

    def __init__(self, inner: Grid) -> None:
        self.inner = inner
        self.per_round = int(os.environ["COVEY_MINIMUM_PER_ROUND"])
        self.watch: Callable[[list[Message], list[Message]], None] | None = None
        self._here: dict[int, str] = {}
        self._needed = int(os.environ["COVEY_MINIMUM"])
        self._next_look = 0.0
        self._looking = threading.Lock()

    def set_run(self, run: Any) -> None:
        self.inner.set_run(run)

    @property
    def run(self) -> Any:
        return self.inner.run

    def create_message(self, *arguments: Any, **options: Any) -> Message:
        return self.inner.create_message(*arguments, **options)

    def get_nodes(self) -> Iterable[Any]:
        return [node for node in self.inner.get_nodes() if node.node_id in self.look()]

    def get_node_ids(self) -> Iterable[int]:
        while len(self.look()) < self._needed:
            time.sleep(POLL)
        return sorted(self._here)

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        if not CoveyGrid.may_send:
            privacy.refuse("the app sends messages that no strategy protects")
        return self.inner.push_messages(messages)

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        return self.inner.pull_messages(message_ids)

    def send_and_receive(self, messages: Iterable[Message], *, timeout: float | None = None) -> Iterable[Message]:
        """Like Flower's; and while too few have answered, a message that was lost goes to the next one who is here.

        The end of the time cuts off who is slow, and never who is needed for training: that the launcher's clock does.
        """
        sent = list(messages)
        waiting, lost = self.push(sent)
        replies: list[Message] = []
        enough = min(len(sent), self.per_round)
        needed = enough if any(one.metadata.message_type.startswith("train") for one in sent) else 0
        end = time.monotonic() + seconds(timeout)
        while len(replies) < needed or ((waiting or len(replies) < enough) and time.monotonic() < end):
            for reply in self.inner.pull_messages(set(waiting)) if waiting else ():
                question = waiting.pop(reply.metadata.reply_to_message_id)
                (lost.append(question) if reply.has_error() else replies.append(reply))
            lost.extend(self.gone(waiting))
            if lost and len(replies) + len(waiting) < enough:
                taken, refused = self.push(self._again(lost, waiting, replies))
                waiting |= taken
                lost += refused
            if waiting or len(replies) < enough:
                pause()
        self.begun()
        if self.watch and CoveyGrid.tells_rounds:
            self.watch(sent, replies)
        return replies

    def push(self, messages: list[Message]) -> tuple[dict[str, Message], list[Message]]:
        """What the SuperLink took, by number, and what it did not, as for a node that has just left."""
        numbers = list(self.push_messages(messages)) if messages else []
        if len(numbers) < len(messages):
            report("error", code=APP_FAILED, message=_TOO_LARGE)
            raise ReportedError(_TOO_LARGE)
        pairs = list(zip(numbers, messages, strict=True))
        return {number: sent for number, sent in pairs if number}, [sent for number, sent in pairs if not number]

    def gone(self, waiting: dict[str, Message]) -> list[Message]:
        """Takes out what was sent to nodes that have left since."""
        here = self.look()
        numbers = [number for number, sent in waiting.items() if sent.metadata.dst_node_id not in here]
        return [waiting.pop(number) for number in numbers]

    @classmethod
    def name_of(cls, node: int) -> str:
        return cls.names.get(node, "an unknown node")

    def begun(self) -> None:
        self._needed = self.per_round  # the minimum to start with has been here

    def look(self) -> dict[int, str]:
        """Nodes that are online with a key of this epoch, by name; changes are reported."""
        with self._looking:
            if time.monotonic() >= self._next_look:
                self._next_look = time.monotonic() + LOOK
                self._see()
            return self._here

    def _see(self) -> None:
        members = {key: name for name, key in json.loads(Path(os.environ["COVEY_MEMBERS"]).read_text()).items()}
        here = {
            node.node_id: members[key]
            for node in self.inner.get_nodes()
            if (key := b64encode(node.public_key).decode()) in members
        }
        for name in sorted(set(self._here.values()) - set(here.values())):
            report("lost", collaborator=name)
        for node in self._here.keys() - here.keys():
            if self._here[node] in here.values():
                report("lost", collaborator=self._here[node])  # and back under a new key before anybody looked
                report("connected", collaborator=self._here[node])
        for name in sorted(set(here.values()) - set(self._here.values())):
            report("connected", collaborator=name)
        self._here = here
        self.names.update(here)

    def _again(self, lost: list[Message], waiting: dict[str, Message], replies: list[Message]) -> list[Message]:
        busy = {sent.metadata.dst_node_id for sent in waiting.values()}
        busy |= {reply.metadata.src_node_id for reply in replies}
        free = sorted(self._here.keys() - busy)
        return [_copy(lost.pop(0), node) for node in free[: len(lost)]]


def _copy(message: Message, node: int) -> Message:
    metadata = message.metadata
    return Message(
        message.content,
        dst_node_id=node,
        message_type=metadata.message_type,
        ttl=metadata.ttl,
        group_id=metadata.group_id,
    )

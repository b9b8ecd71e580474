"""Flower's Grid with short polls, which knows nodes by the names that their keys prove, and waits for who returns."""

from __future__ import annotations

import json
import os
import time
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flwr.app import Message
from flwr.serverapp import Grid

from covey_flower.reporting import report

if TYPE_CHECKING:
    from collections.abc import Iterable

POLL = 0.2  # shorter ones run into Flower's own back-off
LOOK = 1.0


class CoveyGrid(Grid):
    """Around the Grid that Flower gave to the app; `needed` nodes are awaited before anybody is chosen."""

    def __init__(self, inner: Grid, *, needed: int, per_round: int) -> None:
        self.inner = inner
        self.names: dict[int, str] = {}  # every node ever seen, so that replies have a name
        self._here: dict[int, str] = {}
        self._needed = needed
        self._per_round = per_round
        self._next_look = 0.0

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
        return self.inner.push_messages(messages)

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        return self.inner.pull_messages(message_ids)

    def send_and_receive(self, messages: Iterable[Message], *, timeout: float | None = None) -> Iterable[Message]:
        """Like Flower's; and while too few have answered, a message that was lost goes to the next one who is here."""
        waiting = self._push(list(messages))
        lost: list[Message] = []
        replies: list[Message] = []
        enough = min(len(waiting), self._per_round)
        end = time.monotonic() + timeout if timeout is not None else None
        while (waiting or len(replies) < enough) and (end is None or time.monotonic() < end):
            for reply in self.inner.pull_messages(set(waiting)) if waiting else ():
                sent = waiting.pop(reply.metadata.reply_to_message_id)
                if reply.has_error():
                    lost.append(sent)
                else:
                    replies.append(reply)
            here = self.look()
            gone = [number for number, sent in waiting.items() if sent.metadata.dst_node_id not in here]
            lost.extend(waiting.pop(number) for number in gone)
            if lost and len(replies) + len(waiting) < enough:
                waiting |= self._push(self._again(lost, waiting, replies))
            if waiting or len(replies) < enough:
                time.sleep(POLL)
        self._needed = self._per_round  # the minimum to start with has been here
        return replies

    def look(self) -> dict[int, str]:
        """Nodes that are online with a key of this epoch, by name; changes are reported."""
        if time.monotonic() < self._next_look:
            return self._here
        self._next_look = time.monotonic() + LOOK
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
        self.names |= here
        return here

    def _push(self, messages: list[Message]) -> dict[str, Message]:
        numbers = list(self.inner.push_messages(messages)) if messages else []
        return {number: sent for number, sent in zip(numbers, messages, strict=True) if number}

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
